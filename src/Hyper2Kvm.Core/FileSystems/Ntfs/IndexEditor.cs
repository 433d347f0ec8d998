using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Inserts and changes entries of a B-tree. A full block is split in two; a full root is pushed down into a block.</summary>
internal sealed class IndexEditor
{
    private const ushort HasChildrenFlag = 1;

    private readonly WriteContext _context;
    private readonly string _name;
    private readonly FileEditor _file;
    private readonly IndexTree _tree;

    public IndexEditor(WriteContext context, FileReference file, string name)
    {
        _context = context;
        _name = name;
        _file = new FileEditor(context, file);
        _tree = IndexTree.Open(context.Volume.Load(file), name, context.Volume.Boot);
    }

    /// <summary>Value of an index root without entries.</summary>
    public static byte[] EmptyRoot(uint attributeType, uint collation, NtfsBootSector boot)
    {
        byte[] root = new byte[IndexTree.RootHeaderSize + IndexTree.NodeHeaderSize + IndexEntry.HeaderSize];
        Le.U32(root, 0x00, attributeType);
        Le.U32(root, 0x04, collation);
        Le.U32(root, 0x08, (uint)boot.IndexBlockSize);
        root[0x0C] = (byte)(boot.IndexBlockSize / (boot.ClusterSize <= boot.IndexBlockSize ? boot.ClusterSize : 512));
        WriteNode(root, IndexTree.RootHeaderSize, IndexTree.NodeHeaderSize, [NewLast()]);
        return root;
    }

    /// <summary>Adds an entry without child at its place.</summary>
    /// <param name="entry">The whole entry.</param>
    /// <param name="compareTo">Sign of (key of the new entry - key of the given one); never 0.</param>
    public void Insert(byte[] entry, Func<IndexEntry, int> compareTo)
    {
        List<IndexNode> path = Descend(compareTo, out bool found);
        if (found)
        {
            throw new DiskFormatException("NtfsIndexDamaged", $"NTFS index {_name}", 0, "no entry with this key", "one");
        }

        path[^1].Entries.Insert(path[^1].Position, entry);
        Store(path, path.Count - 1);
    }

    /// <summary>Changes the entry with this key in place; false when there is none.</summary>
    public bool Change(Func<IndexEntry, int> compareTo, Action<byte[]> change)
    {
        List<IndexNode> path = Descend(compareTo, out bool found);
        if (found)
        {
            byte[] entry = path[^1].Entries[path[^1].Position];
            byte[] before = [.. entry];
            change(entry);
            if (!entry.AsSpan().SequenceEqual(before))
            {
                Store(path, path.Count - 1);
            }
        }

        return found;
    }

    private List<IndexNode> Descend(Func<IndexEntry, int> compareTo, out bool found)
    {
        List<IndexNode> path = [];
        IndexNode node = new(-1, _tree.ReadRoot());
        while (path.Count < IndexTree.MaxDepth)
        {
            path.Add(node);
            int order = -1;
            while (!node.Current.IsLast && (order = compareTo(node.Current)) > 0)
            {
                node.Position++;
            }

            found = !node.Current.IsLast && order == 0;
            if (found || !node.Current.HasChild)
            {
                return path;
            }

            node = new IndexNode(node.Current.Child, _tree.ReadBlock(node.Current.Child));
        }

        throw new DiskFormatException("NtfsIndexDamaged", $"NTFS index {_name}", 0, $"at most {IndexTree.MaxDepth} levels", "more");
    }

    private void Store(List<IndexNode> path, int level)
    {
        IndexNode node = path[level];
        if (node.Vcn < 0)
        {
            if (TryStoreRoot(node.Entries))
            {
                _file.Save();
                return;
            }

            PushDown(path);
            Store(path, 1);
        }
        else if (EntriesOffset + SizeOf(node.Entries) <= _tree.BlockSize)
        {
            WriteBlock(node.Vcn, node.Entries);
        }
        else
        {
            Split(path, level);
        }
    }

    /// <summary>Moves all entries of the root into a new block, so that the root holds nothing but the way to it.</summary>
    private void PushDown(List<IndexNode> path)
    {
        IndexNode moved = path[0];
        if (!TryStoreRoot([WithChild(NewLast(), 0)]))
        {
            throw new UnsupportedFeatureException("NtfsRecordFull", "a directory without room for its index root", MasterFileTable.Name(_file.Base.Number));
        }

        long vcn = AllocateBlock();
        byte[] last = WithChild(NewLast(), vcn);
        TryStoreRoot([last]);
        _file.Save();
        path[0] = new IndexNode(-1, [last]);
        path.Insert(1, new IndexNode(vcn, moved.Entries) { Position = moved.Position });
    }

    /// <summary>Leaves the upper half in its block, moves the lower half to a new one and the entry between them up.</summary>
    private void Split(List<IndexNode> path, int level)
    {
        IndexNode node = path[level];
        int half = SizeOf(node.Entries) / 2;
        int middle = 0;
        for (int size = 0; middle < node.Entries.Count - 2 && size < half; middle++)
        {
            size += node.Entries[middle].Length;
        }

        IndexEntry median = new(node.Entries[middle]);
        List<byte[]> lower = node.Entries[..middle];
        lower.Add(median.HasChild ? WithChild(NewLast(), median.Child) : NewLast());
        List<byte[]> upper = node.Entries[(middle + 1)..];
        long vcn = AllocateBlock();
        _file.Save();
        WriteBlock(vcn, lower);
        WriteBlock(node.Vcn, upper);
        path[level - 1].Entries.Insert(path[level - 1].Position, WithChild(node.Entries[middle], vcn));
        Store(path, level - 1);
    }

    private bool TryStoreRoot(List<byte[]> entries)
    {
        byte[] old = _file.Read(AttributeType.IndexRoot, _name).Resident!;
        byte[] root = new byte[IndexTree.RootHeaderSize + IndexTree.NodeHeaderSize + SizeOf(entries)];
        old.AsSpan(0, IndexTree.RootHeaderSize).CopyTo(root);
        WriteNode(root, IndexTree.RootHeaderSize, IndexTree.NodeHeaderSize, entries);
        return _file.TrySetValue(AttributeType.IndexRoot, _name, root);
    }

    /// <summary>Takes a free block of the index allocation, or makes that longer; returns the block's VCN.</summary>
    private long AllocateBlock()
    {
        if (_file.Find(AttributeType.IndexAllocation, _name) is null)
        {
            AttributeData none = new() { Flags = 0, DataSize = 0 };
            _file.Add(AttributeBuilder.NonResident(AttributeType.IndexAllocation, _name, none, 0, int.MaxValue).Bytes);
            _file.Add(AttributeBuilder.Resident(AttributeType.Bitmap, _name, 0, false, new byte[8]));
        }

        long blocks = _file.Read(AttributeType.IndexAllocation, _name).DataSize / _tree.BlockSize;
        IBlockDevice bitmap = _file.OpenStream(AttributeType.Bitmap, _name);
        byte[] bits = bitmap.ReadAll(1 << 20, "NtfsIndexDamaged", $"NTFS index bitmap {_name}");
        long free = 0;
        while (free < blocks && free / 8 < bits.Length && (bits[free / 8] & (1 << (int)(free % 8))) != 0)
        {
            free++;
        }

        if (free >= blocks)
        {
            free = blocks;
            _file.SetLength(AttributeType.IndexAllocation, _name, (blocks + 1) * _tree.BlockSize);
        }

        if (free / 8 >= bits.Length)
        {
            Array.Resize(ref bits, bits.Length + 8);
            _file.SetLength(AttributeType.Bitmap, _name, bits.Length);
        }

        byte changed = (byte)(bits[free / 8] | (1 << (int)(free % 8)));
        _file.WriteStream(AttributeType.Bitmap, _name, free / 8, [changed]);
        return free * _tree.BlockSize / _tree.VcnSize;
    }

    /// <summary>Offset of the first entry within a block.</summary>
    private int EntriesOffset => (0x28 + (((_tree.BlockSize / UpdateSequence.Stride) + 1) * 2) + 7) & ~7;

    private void WriteBlock(long vcn, List<byte[]> entries)
    {
        byte[] block = new byte[_tree.BlockSize];
        AttributeData allocation = _file.Read(AttributeType.IndexAllocation, _name);
        new StreamDevice(_context.Device, _context.ClusterSize, allocation.Runs, allocation.DataSize, allocation.DataSize).Read(vcn * _tree.VcnSize, block);
        ushort sequence = block.AsSpan(0, 4).SequenceEqual("INDX"u8) && Le.U16(block, 0x04) is var at and >= 0x28 and < 0x100 ? Le.U16(block, at) : (ushort)0;
        ulong lsn = sequence != 0 ? Le.U64(block, 0x08) : 0;
        block.AsSpan().Clear();
        "INDX"u8.CopyTo(block);
        Le.U16(block, 0x04, 0x28);
        Le.U16(block, 0x06, (ushort)((_tree.BlockSize / UpdateSequence.Stride) + 1));
        Le.U64(block, 0x08, lsn);
        Le.I64(block, 0x10, vcn);
        Le.U16(block, 0x28, sequence);
        WriteNode(block, IndexTree.BlockHeaderSize, EntriesOffset - IndexTree.BlockHeaderSize, entries);
        UpdateSequence.Insert(block);
        _context.WriteStream(allocation, vcn * _tree.VcnSize, block);
    }

    private static void WriteNode(Span<byte> bytes, int header, int firstEntry, List<byte[]> entries)
    {
        int at = header + firstEntry;
        foreach (byte[] entry in entries)
        {
            entry.CopyTo(bytes[at..]);
            at += entry.Length;
        }

        Le.U32(bytes, header, (uint)firstEntry);
        Le.U32(bytes, header + 0x04, (uint)(at - header));
        Le.U32(bytes, header + 0x08, (uint)(bytes.Length - header));
        Le.U32(bytes, header + 0x0C, new IndexEntry(entries[^1]).HasChild ? HasChildrenFlag : 0u);
    }

    private static int SizeOf(List<byte[]> entries)
    {
        int size = 0;
        foreach (byte[] entry in entries)
        {
            size += entry.Length;
        }

        return size;
    }

    private static byte[] NewLast()
    {
        byte[] last = new byte[IndexEntry.HeaderSize];
        Le.U16(last, 0x08, IndexEntry.HeaderSize);
        Le.U16(last, 0x0C, IndexEntry.LastFlag);
        return last;
    }

    private static byte[] WithChild(byte[] entry, long vcn)
    {
        byte[] changed = new IndexEntry(entry).HasChild ? [.. entry] : [.. entry, .. new byte[8]];
        Le.U16(changed, 0x08, (ushort)changed.Length);
        Le.U16(changed, 0x0C, (ushort)(Le.U16(changed, 0x0C) | IndexEntry.ChildFlag));
        Le.I64(changed, changed.Length - 8, vcn);
        return changed;
    }
}
