using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Checks one index: nodes, order of the keys, the bitmap of its blocks. Its layout is described at <see cref="IndexTree"/>.</summary>
internal sealed class NtfsCheckerIndex
{
    private const uint CollationBinary = 0x00;
    private const uint CollationFileName = 0x01;
    private const uint CollationNumber = 0x10;
    private const uint CollationSecurityHash = 0x12;
    private const uint CollationNumbers = 0x13;
    private const int HasChildrenFlag = 1;
    private const int MaximumDepth = 20;
    private const string Damaged = "NtfsIndexDamaged";

    private readonly NtfsCheckerContext _context;
    private readonly string _place;
    private readonly byte[] _root;
    private readonly IBlockDevice? _blocks;
    private readonly NtfsCheckerBits? _bitmap;
    private readonly uint _collation;
    private readonly int _blockSize;
    private readonly int _vcnSize;

    private NtfsCheckerIndex(NtfsCheckerContext context, NtfsCheckerFile file, string name, byte[] root)
    {
        _context = context;
        _place = $"index {name} of {NtfsCheckerRecord.PlaceOf(file.Number)}";
        _root = root;
        _collation = Le.U32(root, 0x04);
        long size = Le.U32(root, 0x08);
        Require(size is >= 512 and <= 64 * 1024 && (size & (size - 1)) == 0, -1, "its blocks have an impossible size");
        Require(name != IndexTree.Directory || (Le.U32(root, 0x00) == AttributeType.FileName && _collation == CollationFileName
            && size == context.Boot.IndexBlockSize), -1, "it should index file names in blocks of the volume's size");
        _blockSize = (int)size;
        _vcnSize = context.Boot.ClusterSize <= _blockSize ? context.Boot.ClusterSize : 512;
        _blocks = file.Find(AttributeType.IndexAllocation, name) is { } allocation ? context.Open(allocation) : null;
        _bitmap = file.Find(AttributeType.Bitmap, name) is { } bitmap ? new NtfsCheckerBits(context.Open(bitmap)) : null;
    }

    /// <summary>Blocks that the index has room for.</summary>
    public long BlockCount => (_blocks?.Length ?? 0) / _blockSize;

    /// <summary>Null, and a finding, when the file has no index of this name that can be read.</summary>
    public static NtfsCheckerIndex? Open(NtfsCheckerContext context, NtfsCheckerFile file, string name)
    {
        string place = NtfsCheckerRecord.PlaceOf(file.Number);
        if (file.Find(AttributeType.IndexRoot, name)?.Value is not { Length: >= IndexTree.RootHeaderSize + IndexTree.NodeHeaderSize } root)
        {
            context.Findings.Add(Damaged, place, $"it has no index root {name}");
            return null;
        }

        try
        {
            return new NtfsCheckerIndex(context, file, name, root);
        }
        catch (DiskFormatException error)
        {
            context.Findings.Add(error.ErrorId, place, error.Message);
            return null;
        }
    }

    /// <summary>Visits every entry in order and checks nodes, order and bitmap.</summary>
    public void Walk(Action<IndexEntry> visit)
    {
        HashSet<long> used = [];
        try
        {
            byte[]? previous = null;
            WalkNode(_root, IndexTree.RootHeaderSize, -1, used, 0, ref previous, visit);
            CheckBitmap(used);
        }
        catch (DiskFormatException error)
        {
            _context.Findings.Add(error.ErrorId, _place, error.Message);
        }
    }

    /// <summary>The entry that <paramref name="compareTo"/> (sign of sought minus given key) calls equal; only the nodes on the way are read.</summary>
    public IndexEntry? Find(Func<IndexEntry, int> compareTo)
    {
        try
        {
            List<IndexEntry> node = ReadNode(_root, IndexTree.RootHeaderSize, -1);
            for (int depth = 0; depth < MaximumDepth; depth++)
            {
                IndexEntry next = default;
                foreach (IndexEntry entry in node)
                {
                    int order = entry.IsLast ? -1 : compareTo(entry);
                    if (order == 0)
                    {
                        return entry;
                    }

                    if (order < 0)
                    {
                        next = entry;
                        break;
                    }
                }

                if (!next.HasChild)
                {
                    return null;
                }

                node = ReadNode(ReadBlock(next.Child), IndexTree.BlockHeaderSize, next.Child);
            }
        }
        catch (DiskFormatException error)
        {
            _context.Findings.Add(error.ErrorId, _place, error.Message);
        }

        return null;
    }

    private void WalkNode(byte[] bytes, int header, long vcn, HashSet<long> used, int depth, ref byte[]? previous, Action<IndexEntry> visit)
    {
        Require(depth < MaximumDepth, vcn, "it has too many levels");
        foreach (IndexEntry entry in ReadNode(bytes, header, vcn))
        {
            if (entry.HasChild)
            {
                Require(used.Add(entry.Child), entry.Child, "two entries lead to it");
                WalkNode(ReadBlock(entry.Child), IndexTree.BlockHeaderSize, entry.Child, used, depth + 1, ref previous, visit);
            }

            if (!entry.IsLast)
            {
                byte[] key = entry.Key.ToArray();
                if (previous is not null && Compare(previous, key) >= 0)
                {
                    _context.Findings.Add("NtfsIndexOrderWrong", _place, $"{NodeName(vcn)}: a key is not greater than the one before");
                }

                previous = key;
                visit(entry);
            }
        }
    }

    private byte[] ReadBlock(long vcn)
    {
        Require(_blocks is not null && vcn >= 0 && vcn * _vcnSize % _blockSize == 0 && vcn <= (_blocks.Length - _blockSize) / _vcnSize, vcn,
            "it lies outside the index allocation");
        byte[] block = new byte[_blockSize];
        _blocks!.Read(vcn * _vcnSize, block);
        UpdateSequence.Remove(block, "INDX"u8, Damaged, $"{_place}, {NodeName(vcn)}", vcn * _vcnSize);
        Require(Le.I64(block, 0x10) == vcn, vcn, "it carries the VCN of another node");
        return block;
    }

    private List<IndexEntry> ReadNode(byte[] bytes, int header, long vcn)
    {
        long first = Le.U32(bytes, header), used = Le.U32(bytes, header + 0x04), allocated = Le.U32(bytes, header + 0x08);
        int flags = bytes[header + 0x0C];
        Require(first >= IndexTree.NodeHeaderSize && first % 8 == 0 && first <= used && used % 8 == 0 && used <= allocated
            && allocated <= bytes.Length - header, vcn, "the sizes of its header contradict each other");
        Require(vcn < 0 || allocated == bytes.Length - header, vcn, "its allocated size is not that of a block");
        List<IndexEntry> entries = [];
        long at = header + first, end = header + used;
        while (true)
        {
            Require(end - at >= IndexEntry.HeaderSize, vcn, "its entries have no end");
            int length = Le.U16(bytes, (int)at + 0x08);
            Require(length >= IndexEntry.HeaderSize && length % 8 == 0 && length <= end - at, vcn, "an entry is longer than the node");
            IndexEntry entry = new(bytes.AsMemory((int)at, length));
            int room = length - IndexEntry.HeaderSize - (entry.HasChild ? 8 : 0);
            Require(room >= 0 && (entry.IsLast || entry.KeyLength <= room), vcn, "a key is longer than its entry");
            Require(entry.HasChild == ((flags & HasChildrenFlag) != 0), vcn, "an entry's child flag is not that of the node");
            Require(entry.IsLast || _collation != CollationFileName || FileNameView.IsWhole(entry.Key), vcn, "a key is not a file name");
            entries.Add(entry);
            at += length;
            if (entry.IsLast)
            {
                Require(at == end, vcn, "its last entry is not its end");
                return entries;
            }
        }
    }

    private int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        switch (_collation)
        {
            case CollationFileName:
                return _context.CompareNames(FileNameView.NameOf(left), FileNameView.NameOf(right));
            case CollationBinary:
                return left.SequenceCompareTo(right);
            case CollationNumber or CollationSecurityHash or CollationNumbers:
                for (int i = 0; i + 4 <= Math.Min(left.Length, right.Length); i += 4)
                {
                    int order = Le.U32(left, i).CompareTo(Le.U32(right, i));
                    if (order != 0)
                    {
                        return order;
                    }
                }

                return left.Length - right.Length;
            default:
                return -1;
        }
    }

    private void CheckBitmap(HashSet<long> used)
    {
        foreach (long vcn in used)
        {
            if (_bitmap?[vcn * _vcnSize / _blockSize] != true)
            {
                _context.Findings.Add("NtfsIndexBitmapWrong", _place, $"{NodeName(vcn)} is in use, but free in the bitmap");
            }
        }

        for (long block = 0; block < BlockCount; block++)
        {
            if (_bitmap is not null && _bitmap[block] && !used.Contains(block * _blockSize / _vcnSize))
            {
                _context.Findings.Add("NtfsIndexNodeOrphan", _place,
                    $"{NodeName(block * _blockSize / _vcnSize)} is in use in the bitmap, but no entry leads to it");
            }
        }
    }

    private static string NodeName(long vcn) => vcn < 0 ? "the root" : string.Create(CultureInfo.InvariantCulture, $"the node at VCN {vcn}");

    private void Require(bool holds, long vcn, string fault)
    {
        if (!holds)
        {
            throw new DiskFormatException(Damaged, $"{_place}, {NodeName(vcn)}", vcn, "a sound node", fault);
        }
    }
}
