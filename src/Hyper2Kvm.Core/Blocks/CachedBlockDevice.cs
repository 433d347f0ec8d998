using System.Buffers;

namespace Hyper2Kvm.Blocks;

/// <summary>Keeps what was read from a slower device, so that the checkers do not read the disk a second time.</summary>
/// <remarks>Bounded: the oldest blocks go first. Long reads pass through without evicting what the metadata needs. The blocks are rented,
/// so that one transaction after another uses the same memory.</remarks>
public sealed class CachedBlockDevice(IBlockDevice device, int capacity) : IBlockDevice, IDisposable
{
    private const int BlockSize = 64 * 1024;
    private const int LongRead = 4 * 1024 * 1024;

    private readonly Dictionary<long, byte[]> _blocks = [];
    private readonly Queue<long> _order = [];

    public long Length => device.Length;

    public int SectorSize => device.SectorSize;

    public void Read(long offset, Span<byte> buffer)
    {
        if (buffer.Length >= LongRead)
        {
            device.Read(offset, buffer);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        while (buffer.Length > 0)
        {
            int within = (int)(offset % BlockSize);
            byte[] block = Block(offset / BlockSize);
            int count = Math.Min(BlockSize - within, buffer.Length);
            block.AsSpan(within, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    public void Dispose()
    {
        foreach (byte[] block in _blocks.Values)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _blocks.Clear();
        _order.Clear();
    }

    private byte[] Block(long number)
    {
        if (_blocks.TryGetValue(number, out byte[]? block))
        {
            return block;
        }

        if ((long)(_blocks.Count + 1) * BlockSize > capacity && _order.TryDequeue(out long oldest)
            && _blocks.Remove(oldest, out byte[]? freed))
        {
            ArrayPool<byte>.Shared.Return(freed);
        }

        block = ArrayPool<byte>.Shared.Rent(BlockSize);
        device.Read(number * BlockSize, block.AsSpan(0, (int)Math.Min(BlockSize, Length - (number * BlockSize))));
        _blocks.Add(number, block);
        _order.Enqueue(number);
        return block;
    }
}
