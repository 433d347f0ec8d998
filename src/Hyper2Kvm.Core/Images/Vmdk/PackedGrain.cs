namespace Hyper2Kvm.Images.Vmdk;

/// <summary>The packed bytes of one grain as a stream that knows whether more was asked for than there is. .NET takes a zlib stream that
/// stops before its checksum for one that is complete, but asks for more bytes first.</summary>
/// <param name="bytes">The whole zlib stream.</param>
internal sealed class PackedGrain(ReadOnlyMemory<byte> bytes) : Stream
{
    private ReadOnlyMemory<byte> _rest = bytes;

    /// <summary>The zlib stream was not complete.</summary>
    public bool IsShort { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _rest.Length);
        IsShort |= count == 0 && buffer.Length > 0;
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
