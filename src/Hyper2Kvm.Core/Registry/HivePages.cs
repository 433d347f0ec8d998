using System.Numerics;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Registry;

/// <summary>The hive bins as one range of bytes, read on demand and changed in memory.</summary>
/// <remarks>
/// Read in blocks of 16 KiB: small enough that a look-up in a 200 MB hive stays far below 1 MiB, large enough that reading all of
/// a hive is not slow. Unchanged blocks are kept up to 4 MiB, the least used go first and lend their memory to the next; changed ones stay, with a mark per 4 KiB page.
/// </remarks>
internal sealed class HivePages
{
    public const int PageSize = 4096;
    private const int BlockSize = 4 * PageSize;
    private const int MostCleanBlocks = 4 * 1024 * 1024 / BlockSize;

    private readonly IBlockDevice _source;
    private readonly Dictionary<int, Block> _blocks = [];
    private readonly LinkedList<Block> _clean = [];

    /// <param name="source">The hive file.</param>
    /// <param name="size">Bytes of hive bins.</param>
    public HivePages(IBlockDevice source, int size)
    {
        _source = source;
        Size = size;
    }

    /// <summary>Bytes of hive bins.</summary>
    public int Size { get; private set; }

    /// <summary>Something was written since this was last set to false.</summary>
    public bool IsChanged { get; set; }

    /// <summary>The range must lie within <see cref="Size"/>: callers check what comes from the disk.</summary>
    public void Read(int offset, Span<byte> buffer)
    {
        CheckRange(offset, buffer.Length);
        while (buffer.Length > 0)
        {
            int within = offset % BlockSize;
            int count = Math.Min(buffer.Length, BlockSize - within);
            Load(offset / BlockSize).Bytes.AsSpan(within, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        CheckRange(offset, data.Length);
        IsChanged = true;
        while (data.Length > 0)
        {
            int within = offset % BlockSize;
            int count = Math.Min(data.Length, BlockSize - within);
            Block block = Load(offset / BlockSize);
            if (block.ChangedPages == 0)
            {
                _clean.Remove(block.Place);
            }

            for (int page = within / PageSize; page <= (within + count - 1) / PageSize; page++)
            {
                block.ChangedPages |= 1u << page;
            }

            data[..count].CopyTo(block.Bytes.AsSpan(within));
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Changes the size of the hive bins. What is added holds whatever the file has there: write all of it.</summary>
    public void Resize(int size) => Size = size;

    /// <summary>Writes every changed page to its place in a hive file.</summary>
    public void WriteChanged(IWritableBlockDevice target)
    {
        foreach (Block block in _blocks.Values)
        {
            uint pages = block.ChangedPages;
            while (pages != 0)
            {
                int first = BitOperations.TrailingZeroCount(pages);
                int count = BitOperations.TrailingZeroCount(~(pages >> first));
                int offset = (block.Index * BlockSize) + (first * PageSize);
                int length = Math.Min(count * PageSize, Size - offset);
                if (length > 0)
                {
                    target.Write(HiveBaseBlock.Size + (long)offset, block.Bytes.AsSpan(first * PageSize, length));
                }

                pages &= ~(((1u << count) - 1) << first);
            }
        }
    }

    private Block Load(int index)
    {
        if (_blocks.TryGetValue(index, out Block? block))
        {
            if (block.ChangedPages == 0 && _clean.First != block.Place)
            {
                _clean.Remove(block.Place);
                _clean.AddFirst(block.Place);
            }

            return block;
        }

        byte[]? spare = null;
        while (_clean.Count >= MostCleanBlocks)
        {
            Block last = _clean.Last!.Value;
            spare = last.Bytes;
            _blocks.Remove(last.Index);
            _clean.RemoveLast();
        }

        block = new Block(index, spare ?? new byte[BlockSize]);
        long offset = HiveBaseBlock.Size + ((long)index * BlockSize);
        int there = (int)Math.Clamp(_source.Length - offset, 0, BlockSize);
        _source.Read(Math.Min(offset, _source.Length), block.Bytes.AsSpan(0, there));
        block.Bytes.AsSpan(there).Clear();
        _blocks.Add(index, block);
        _clean.AddFirst(block.Place);
        return block;
    }

    private void CheckRange(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + length, Size);
    }

    private sealed class Block
    {
        public Block(int index, byte[] bytes)
        {
            Index = index;
            Bytes = bytes;
            Place = new LinkedListNode<Block>(this);
        }

        public int Index { get; }

        public byte[] Bytes { get; }

        public uint ChangedPages { get; set; }

        public LinkedListNode<Block> Place { get; }
    }
}
