using Hyper2Kvm.Images.Qcow2;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Writes what is not zero to its own place; the rest stays a hole.</summary>
internal sealed class RawSink(IWriteTarget target, int chunkSize) : IChunkSink
{
    private const int Grain = 32 * 1024;

    private readonly byte[] _buffer = new byte[chunkSize];

    public void Take(Chunk chunk, long ticket, Turnstile turnstile)
    {
        Span<byte> bytes = _buffer.AsSpan(0, chunk.Length);
        chunk.Read(bytes);
        int start = 0;
        for (int at = 0; at < bytes.Length; at += Grain)
        {
            int length = Math.Min(Grain, bytes.Length - at);
            if (bytes.Slice(at, length).ContainsAnyExcept((byte)0))
            {
                continue;
            }

            Write(chunk.Offset, start, at);
            start = at + length;
        }

        Write(chunk.Offset, start, bytes.Length);
    }

    private void Write(long offset, int start, int end)
    {
        if (end > start)
        {
            target.Write(offset + start, _buffer.AsSpan(start, end - start));
        }
    }
}
