using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt; see Qcow2Header for the header's fields and Qcow2Image for the table entries.
// The file: header cluster | clusters of data, after those that a table tells of the table; now and then a refcount block | L1 table |
// the other refcount blocks | refcount table. The header is written last: a file cut short has no magic.

/// <summary>Gives out the room in a new QCOW2 file from its start to its end, and writes the tables that tell where everything is. Clusters
/// of the disk come in ascending order, so at any time one L2 table and one or two refcount blocks are in memory.</summary>
internal sealed class Qcow2Layout
{
    /// <summary>QEMU reads no larger L1 table.</summary>
    public const int MaxL1Bytes = 32 * 1024 * 1024;

    private const int Sector = 512;
    private const int MaxLiveBlocks = 64;
    private const ulong RefcountIsOne = 1UL << 63;
    private const ulong Compressed = 1UL << 62;

    private readonly IWriteTarget _target;
    private readonly int _clusterBits;
    private readonly int _clusterSize;
    private readonly int _refcountsPerBlock;
    private readonly byte[] _l1;
    private readonly byte[] _l2;

    /// <summary>File offsets of the refcount blocks; 0: not written yet.</summary>
    private readonly List<long> _blockOffsets = [];

    /// <summary>The refcount blocks that are still counted in; the others are null.</summary>
    private readonly List<byte[]?> _blocks = [];

    private long _l2Index = -1;
    private long _end;
    private long _packed;
    private int _flushed;

    /// <param name="target">An empty file.</param>
    /// <param name="clusterBits">9 to 21.</param>
    /// <param name="size">Of the disk, in bytes.</param>
    public Qcow2Layout(IWriteTarget target, int clusterBits, long size)
    {
        _target = target;
        _clusterBits = clusterBits;
        _clusterSize = 1 << clusterBits;
        _refcountsPerBlock = _clusterSize / 2;
        Size = (size + Sector - 1) / Sector * Sector;
        _l1 = new byte[ClustersOf(L1Bytes(clusterBits, Size)) << clusterBits];
        _l2 = new byte[_clusterSize];
        Take(1);
    }

    /// <summary>Of the disk: whole sectors, as QEMU has it.</summary>
    public long Size { get; }

    /// <summary>File offset after all that was given out.</summary>
    public long End => _end << _clusterBits;

    /// <summary>Bytes that the L1 table takes for a disk; at most <see cref="MaxL1Bytes"/> can be.</summary>
    public static long L1Bytes(int clusterBits, long size)
    {
        long perTable = 1L << ((2 * clusterBits) - 3);
        return (size / perTable + (size % perTable == 0 ? 0 : 1)) * 8;
    }

    /// <summary>Gives out clusters that lie one after the other.</summary>
    /// <returns>The file offset of the first.</returns>
    public long Take(int clusters)
    {
        long offset = End;
        for (int i = 0; i < clusters; i++)
        {
            Reference(_end);
            _end++;
        }

        FlushBlocks();
        return offset;
    }

    /// <summary>Gives out room for a compressed cluster: where the one before ended, when there is room.</summary>
    /// <param name="length">Bytes, fewer than a cluster has.</param>
    /// <returns>Its file offset.</returns>
    public long Pack(int length)
    {
        long free = -_packed & (_clusterSize - 1);
        bool fits = length <= free || _packed + free == End;
        if (free == 0 || !fits || IsReferencedOften(_packed >> _clusterBits))
        {
            _packed = End;
        }

        long offset = _packed;
        _packed += length;
        long last = (((_packed + Sector - 1) & -Sector) - 1) >> _clusterBits;
        for (long cluster = offset >> _clusterBits; cluster <= last; cluster++)
        {
            Reference(cluster);
        }

        _end = Math.Max(_end, last + 1);
        FlushBlocks();
        return offset;
    }

    /// <summary>Says where a cluster of the disk is, after the room for it was taken; clusters of which nothing is said are not in the file.</summary>
    /// <param name="diskCluster">Its number; ascending from call to call.</param>
    /// <param name="offset">As <see cref="Take"/> gave it.</param>
    public void Map(long diskCluster, long offset) => Enter(diskCluster, (ulong)offset | RefcountIsOne);

    /// <summary>The same of a compressed cluster.</summary>
    /// <param name="diskCluster">Its number.</param>
    /// <param name="offset">As <see cref="Pack"/> gave it.</param>
    /// <param name="length">Bytes that it takes.</param>
    public void MapPacked(long diskCluster, long offset, int length)
    {
        long further = ((offset + length - 1) / Sector) - (offset / Sector);
        Enter(diskCluster, Compressed | ((ulong)further << (62 - (_clusterBits - 8))) | (ulong)offset);
    }

    /// <summary>The cluster reads as zeros, whatever a backing file has there.</summary>
    public void MapZero(long diskCluster) => Enter(diskCluster, 1);

    /// <summary>Writes what is left of the tables, then the header.</summary>
    /// <param name="header">The first cluster with all that does not depend on the rest of the file.</param>
    public void Finish(byte[] header)
    {
        FinishTable();
        long l1Offset = Take(_l1.Length >> _clusterBits);
        _target.Write(l1Offset, _l1);
        WriteRefcounts(header);
        Be.I64(header, 24, Size);
        Be.I32(header, 36, (int)(L1Bytes(_clusterBits, Size) / 8));
        Be.I64(header, 40, l1Offset);
        _target.Write(0, header);
    }

    /// <summary>Keeps the state, so that the file can be gone on with.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_end);
        writer.Write(_packed);
        writer.Write(_flushed);
        writer.Write(_l2Index);
        writer.Write(_l2);
        int used = (int)Math.Min(_l1.Length, Math.Max(0, _l2Index * 8));
        writer.Write(used);
        writer.Write(_l1, 0, used);
        writer.Write(_blocks.Count);
        for (int i = 0; i < _blocks.Count; i++)
        {
            writer.Write(_blockOffsets[i]);
            if (_blocks[i] is { } block)
            {
                writer.Write(block);
            }
        }
    }

    /// <summary>Takes up the state that <see cref="Save"/> kept, of a file of the same geometry.</summary>
    /// <exception cref="EndOfStreamException">The state is cut short.</exception>
    /// <exception cref="InvalidDataException">It is not that of such a file.</exception>
    public void Load(BinaryReader reader)
    {
        _end = reader.ReadInt64();
        _packed = reader.ReadInt64();
        _flushed = reader.ReadInt32();
        _l2Index = reader.ReadInt64();
        reader.BaseStream.ReadExactly(_l2);
        int used = reader.ReadInt32();
        int blocks = used < 0 || used > _l1.Length ? -1 : 0;
        if (blocks == 0)
        {
            reader.BaseStream.ReadExactly(_l1, 0, used);
            blocks = reader.ReadInt32();
        }

        if (blocks < 0 || _flushed < 0 || _flushed > blocks || blocks - _flushed > MaxLiveBlocks || blocks > (_end / _refcountsPerBlock) + 1)
        {
            throw new InvalidDataException("The state of the file is not one.");
        }

        _blockOffsets.Clear();
        _blocks.Clear();
        for (int i = 0; i < blocks; i++)
        {
            _blockOffsets.Add(reader.ReadInt64());
            byte[]? block = i < _flushed ? null : new byte[_clusterSize];
            _blocks.Add(block);
            if (block is not null)
            {
                reader.BaseStream.ReadExactly(block);
            }
        }
    }

    private void Enter(long diskCluster, ulong entry)
    {
        int perTableBits = _clusterBits - 3;
        if (diskCluster >> perTableBits != _l2Index)
        {
            FinishTable();
            _l2Index = diskCluster >> perTableBits;
        }

        Be.U64(_l2, (int)(diskCluster & ((1 << perTableBits) - 1)) * 8, entry);
    }

    private void FinishTable()
    {
        if (_l2.AsSpan().ContainsAnyExcept((byte)0))
        {
            long offset = Take(1);
            _target.Write(offset, _l2);
            Be.U64(_l1, (int)_l2Index * 8, (ulong)offset | RefcountIsOne);
            _l2.AsSpan().Clear();
        }
    }

    private void Reference(long cluster)
    {
        int index = (int)(cluster / _refcountsPerBlock);
        while (index >= _blocks.Count)
        {
            _blocks.Add(new byte[_clusterSize]);
            _blockOffsets.Add(0);
        }

        int place = (int)(cluster % _refcountsPerBlock) * 2;
        byte[] block = _blocks[index]!;
        Be.U16(block, place, (ushort)(Be.U16(block, place) + 1));
    }

    /// <summary>Tiny compressed clusters could be more in one cluster than 16 bits count.</summary>
    private bool IsReferencedOften(long cluster) =>
        (int)(cluster / _refcountsPerBlock) is int index && index < _blocks.Count && _blocks[index] is { } block
        && Be.U16(block, (int)(cluster % _refcountsPerBlock) * 2) >= ushort.MaxValue - 1;

    /// <summary>Writes the blocks in which nothing will be counted any more.</summary>
    private void FlushBlocks()
    {
        while (_flushed < _blocks.Count)
        {
            long end = (_flushed + 1L) * _refcountsPerBlock;
            bool isOpen = (_packed & (_clusterSize - 1)) != 0 && _packed >> _clusterBits < end;
            if (_end < end || isOpen)
            {
                return;
            }

            byte[] block = _blocks[_flushed]!;
            _blocks[_flushed] = null;
            int index = _flushed++;
            Reference(_end);
            long offset = End;
            _end++;
            _blockOffsets[index] = offset;
            _target.Write(offset, block);
        }
    }

    /// <summary>The blocks count themselves and the table that lists them, and may become more by that.</summary>
    private void WriteRefcounts(byte[] header)
    {
        int first = _flushed;
        _flushed = int.MaxValue; // every block is written here
        for (int i = first; i < _blocks.Count; i++)
        {
            _blockOffsets[i] = Take(1);
        }

        long tableClusters = ClustersOf((_blocks.Count + (_blocks.Count / 4096) + 4) * 8L);
        long tableOffset = Take((int)tableClusters);
        for (int i = first; i < _blocks.Count; i++)
        {
            if (_blockOffsets[i] == 0)
            {
                _blockOffsets[i] = Take(1);
            }
        }

        byte[] table = new byte[tableClusters << _clusterBits];
        for (int i = 0; i < _blocks.Count; i++)
        {
            Be.I64(table, i * 8, _blockOffsets[i]);
            if (_blocks[i] is { } block)
            {
                _target.Write(_blockOffsets[i], block);
            }
        }

        _target.Write(tableOffset, table);
        Be.I64(header, 48, tableOffset);
        Be.U32(header, 56, (uint)tableClusters);
    }

    private long ClustersOf(long bytes) => (bytes + _clusterSize - 1) >> _clusterBits;
}
