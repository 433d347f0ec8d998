using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A file of a volume that is edited. Length and chain come from its directory entry, so several of them stay in step.</summary>
internal sealed class FatWritableFile(FatWriter writer, IWritableBlockDevice device, string name, long entryOffset) : IResizableBlockDevice
{
    private FatFile? _file;
    private int _generation;

    public long Length => File.Length;

    public int SectorSize => 1;

    private FatFile File
    {
        get
        {
            if (_file is null || _generation != writer.Generation)
            {
                _file = writer.OpenAt(entryOffset, name);
                _generation = writer.Generation;
            }

            return _file;
        }
    }

    public void Read(long offset, Span<byte> buffer) => File.Read(offset, buffer);

    public void Write(long offset, ReadOnlySpan<byte> data) => File.Write(device, offset, data);

    public void SetLength(long length) => writer.Resize(entryOffset, name, length, zero: true);

    public void Flush() => writer.Flush();
}
