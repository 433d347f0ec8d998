namespace Hyper2Kvm.Blocks;

/// <summary>A device held in one array: small files, and tests.</summary>
public sealed class MemoryBlockDevice : IResizableBlockDevice
{
    private byte[] _bytes;

    /// <param name="bytes">Used as it is, not copied.</param>
    /// <param name="sectorSize">512 or 4096 for a disk, 1 for a file.</param>
    public MemoryBlockDevice(byte[] bytes, int sectorSize = 1)
    {
        _bytes = bytes;
        SectorSize = sectorSize;
    }

    public long Length => _bytes.Length;

    public int SectorSize { get; }

    public void Read(long offset, Span<byte> buffer) => Slice(offset, buffer.Length).CopyTo(buffer);

    public void Write(long offset, ReadOnlySpan<byte> data) => data.CopyTo(Slice(offset, data.Length));

    public void Flush()
    {
    }

    public void SetLength(long length) => Array.Resize(ref _bytes, checked((int)length));

    public byte[] ToArray() => [.. _bytes];

    private Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, _bytes.Length);
        return _bytes.AsSpan((int)offset, length);
    }
}
