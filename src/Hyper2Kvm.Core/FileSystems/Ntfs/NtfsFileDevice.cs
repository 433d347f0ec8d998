using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A file opened for writing. Content goes to its clusters at once; a new length is one operation of the writer.</summary>
/// <remarks>Times stay as they are: nobody here knows the time. Sizes in the directory's entries follow.</remarks>
internal sealed class NtfsFileDevice : IResizableBlockDevice
{
    private readonly WriteContext _context;
    private readonly FileReference _reference;
    private AttributeData _data;
    private IBlockDevice _stream;
    private int _generation;

    public NtfsFileDevice(WriteContext context, FileReference reference)
    {
        _context = context;
        _reference = reference;
        (_data, _stream) = Load();
    }

    public long Length
    {
        get
        {
            Refresh();
            return _data.DataSize;
        }
    }

    public int SectorSize => 1;

    public void Read(long offset, Span<byte> buffer)
    {
        Refresh();
        _stream.Read(offset, buffer);
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + data.Length, Length);
        if (data.Length == 0)
        {
            return;
        }

        if (_data.Resident is null && offset + data.Length <= _data.InitializedSize)
        {
            _context.WriteContent(_data.Runs, offset, data);
            return;
        }

        byte[] bytes = data.ToArray();
        _context.Run(() => WriteWithRecord(offset, bytes));
    }

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == Length)
        {
            return;
        }

        _context.Run(() =>
        {
            FileEditor file = new(_context, _reference);
            file.SetLength(AttributeType.Data, "", length);
            file.Save();
            FileNames.UpdateEntries(_context, _reference);
        });
    }

    public void Flush() => _context.Device.Flush();

    /// <summary>Writes resident data, or beyond what has ever been written.</summary>
    private void WriteWithRecord(long offset, byte[] bytes)
    {
        FileEditor file = new(_context, _reference);
        AttributeData data = file.Read(AttributeType.Data, "");
        if (data.Resident is not null)
        {
            file.WriteStream(AttributeType.Data, "", offset, bytes);
        }
        else
        {
            _context.WriteZeros(data.Runs, data.InitializedSize, offset);
            _context.WriteContent(data.Runs, offset, bytes);
            file.SetInitialized(AttributeType.Data, "", offset + bytes.Length);
        }

        file.Save();
    }

    private void Refresh()
    {
        if (_generation != _context.Generation)
        {
            (_data, _stream) = Load();
        }
    }

    private (AttributeData Data, IBlockDevice Stream) Load()
    {
        NtfsFile file = _context.Volume.Load(_reference);
        AttributeData data = file.Require(AttributeType.Data, "");
        _generation = _context.Generation;
        return (data, file.OpenStream(data));
    }
}
