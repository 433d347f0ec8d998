using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $INDEX_ROOT: 0x00 4 type of the indexed attribute  0x04 4 collation  0x08 4 bytes per index block  0x0C 1 clusters per block
//              0x10 node header
// INDX block:  0x00 4 "INDX"  0x04 2 update sequence offset  0x06 2 words  0x08 8 LSN  0x10 8 VCN  0x18 node header
// Node header: 0x00 4 offset of the first entry (from here)  0x04 4 bytes used  0x08 4 bytes allocated  0x0C 1 flags: 1 has children
// A VCN counts clusters, or 512 bytes where a cluster is larger than an index block.

/// <summary>A B-tree of entries: a directory (<c>$I30</c>) or a view such as <c>$SII</c>. Only the nodes on the way are read.</summary>
internal sealed class IndexTree
{
    public const string Directory = "$I30";
    public const int RootHeaderSize = 0x10;
    public const int BlockHeaderSize = 0x18;
    public const int NodeHeaderSize = 0x10;

    /// <summary>Far more than any tree has: a block holds a dozen entries at least.</summary>
    public const int MaxDepth = 20;

    private const string ErrorId = "NtfsIndexDamaged";

    private readonly long _number;
    private readonly byte[] _root;
    private readonly IBlockDevice? _blocks;

    private IndexTree(NtfsFile file, string name, NtfsBootSector boot)
    {
        _number = file.Number;
        Name = name;
        _root = file.Require(AttributeType.IndexRoot, name).Resident ?? throw Damaged(0, "a resident index root", "a non-resident one");
        if (_root.Length < RootHeaderSize + NodeHeaderSize)
        {
            throw Damaged(0, "an index root", $"{_root.Length} bytes");
        }

        Collation = Le.U32(_root, 0x04);
        long blockSize = Le.U32(_root, 0x08);
        if (blockSize is < 512 or > 64 * 1024 || (blockSize & (blockSize - 1)) != 0)
        {
            throw Damaged(0x08, "bytes per index block", $"{blockSize}");
        }

        BlockSize = (int)blockSize;
        VcnSize = boot.ClusterSize <= BlockSize ? boot.ClusterSize : 512;
        _blocks = file.Find(AttributeType.IndexAllocation, name) is { } allocation ? file.OpenStream(allocation) : null;
    }

    public string Name { get; }

    /// <summary>0 binary, 1 file names, 0x10 32-bit numbers, 0x12 security hashes.</summary>
    public uint Collation { get; }

    public int BlockSize { get; }

    /// <summary>Bytes that one VCN of this index stands for.</summary>
    public int VcnSize { get; }

    /// <exception cref="DiskFormatException"><c>NtfsIndexDamaged</c>, or the file has no such index.</exception>
    public static IndexTree Open(NtfsFile file, string name, NtfsBootSector boot) => new(file, name, boot);

    public List<IndexEntry> ReadRoot() => ParseNode(_root, RootHeaderSize, -1);

    /// <summary>The entries of the block at <paramref name="vcn"/>.</summary>
    public List<IndexEntry> ReadBlock(long vcn) => ParseNode(ReadBlockBytes(vcn), BlockHeaderSize, vcn);

    /// <summary>The block at <paramref name="vcn"/>, its update sequence taken out.</summary>
    public byte[] ReadBlockBytes(long vcn)
    {
        if (_blocks is null || vcn < 0 || vcn > (_blocks.Length - BlockSize) / VcnSize)
        {
            throw Damaged(vcn, "a child node within the index allocation", "one beyond it");
        }

        byte[] block = new byte[BlockSize];
        _blocks.Read(vcn * VcnSize, block);
        UpdateSequence.Remove(block, "INDX"u8, ErrorId, Structure, vcn * VcnSize);
        return Le.I64(block, 0x10) == vcn ? block : throw Damaged(vcn, $"the node of VCN {vcn}", $"that of VCN {Le.I64(block, 0x10)}");
    }

    /// <summary>Walks down to the entry with this key.</summary>
    /// <param name="compareTo">Sign of (sought key - given key).</param>
    public IndexEntry? Find(Func<IndexEntry, int> compareTo)
    {
        List<IndexEntry> node = ReadRoot();
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            IndexEntry next = default;
            foreach (IndexEntry entry in node)
            {
                next = entry;
                int order = entry.IsLast ? -1 : compareTo(entry);
                if (order == 0)
                {
                    return entry;
                }

                if (order < 0)
                {
                    break;
                }
            }

            if (!next.HasChild)
            {
                return null;
            }

            node = ReadBlock(next.Child);
        }

        throw Damaged(0, $"at most {MaxDepth} levels", "more");
    }

    /// <summary>All entries in order.</summary>
    public IEnumerable<IndexEntry> Enumerate()
    {
        HashSet<long> visited = [];
        Stack<(List<IndexEntry> Node, int Next)> path = new();
        path.Push((ReadRoot(), 0));
        bool descended = false;
        while (path.TryPop(out (List<IndexEntry> Node, int Next) position))
        {
            IndexEntry entry = position.Node[position.Next];
            if (entry.HasChild && !descended)
            {
                if (path.Count >= MaxDepth || !visited.Add(entry.Child))
                {
                    throw Damaged(entry.Child, "a tree", "a node that is met twice");
                }

                path.Push(position);
                path.Push((ReadBlock(entry.Child), 0));
                continue;
            }

            descended = false;
            if (entry.IsLast)
            {
                descended = true;
                continue;
            }

            path.Push((position.Node, position.Next + 1));
            yield return entry;
        }
    }

    private List<IndexEntry> ParseNode(byte[] bytes, int header, long vcn)
    {
        long first = Le.U32(bytes, header);
        long used = Le.U32(bytes, header + 0x04);
        if (first < NodeHeaderSize || first % 8 != 0 || used > bytes.Length - header || first > used)
        {
            throw Damaged(vcn, "entries within the node", $"{used} bytes from +{first}");
        }

        List<IndexEntry> entries = [];
        int at = header + (int)first;
        int end = header + (int)used;
        while (true)
        {
            if (end - at < IndexEntry.HeaderSize)
            {
                throw Damaged(vcn, "an entry or the end of the node", $"{end - at} bytes");
            }

            int length = Le.U16(bytes, at + 0x08);
            if (length < IndexEntry.HeaderSize || length % 8 != 0 || length > end - at)
            {
                throw Damaged(vcn, "an entry within the node", $"{length} bytes of {end - at}");
            }

            IndexEntry entry = new(bytes.AsMemory(at, length));
            CheckEntry(entry, vcn);
            entries.Add(entry);
            if (entry.IsLast)
            {
                return entries;
            }

            at += length;
        }
    }

    private void CheckEntry(IndexEntry entry, long vcn)
    {
        int available = entry.Length - IndexEntry.HeaderSize - (entry.HasChild ? 8 : 0);
        if (available < 0 || (!entry.IsLast && entry.KeyLength > available))
        {
            throw Damaged(vcn, "a key within its entry", $"{entry.KeyLength} bytes of {available}");
        }

        if (Name == Directory && !entry.IsLast && !FileNameView.IsWhole(entry.Key))
        {
            throw Damaged(vcn, "a file name within its entry", $"a key of {entry.KeyLength} bytes");
        }
    }

    private string Structure => string.Create(CultureInfo.InvariantCulture, $"NTFS index {Name} of file record 0x{_number:X}");

    private DiskFormatException Damaged(long vcn, string expected, string actual) =>
        new(ErrorId, Structure, vcn, expected, actual, "Run chkdsk in the guest before migrating it.");
}
