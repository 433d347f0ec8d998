using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A file or directory: its base file record and, where it has an attribute list, the other records it is spread over.</summary>
internal sealed class NtfsFile
{
    private const int ListLimit = 256 * 1024;

    private readonly MasterFileTable _table;
    private readonly byte[] _base;

    private NtfsFile(MasterFileTable table, long number, byte[] record)
    {
        _table = table;
        _base = record;
        Number = number;
        ListEntries = ReadList();
    }

    public long Number { get; }

    public FileReference Reference => new(Number, Record.Sequence);

    public bool IsDirectory => Record.IsDirectory;

    public FileRecordView Record => new(_base);

    /// <summary>Empty when the file has no attribute list.</summary>
    public IReadOnlyList<AttributeListEntry> ListEntries { get; }

    /// <exception cref="DiskFormatException">The record is damaged, free, or not a base record.</exception>
    public static NtfsFile Load(MasterFileTable table, FileReference reference)
    {
        byte[] record = table.Read(reference);
        return new NtfsFile(table, reference.Number, RequireBase(record, reference.Number));
    }

    /// <summary>A file that is looked at and let go before the next is loaded into the same buffer.</summary>
    public static NtfsFile LoadOnce(MasterFileTable table, FileReference reference, byte[] buffer) =>
        new(table, reference.Number, RequireBase(table.ReadOnce(reference, buffer), reference.Number));

    /// <summary>Bytes of the unnamed data stream, without looking where they lie; 0 where there is none.</summary>
    public long DataSize()
    {
        if (ListEntries.Count == 0)
        {
            return TryFindIn(_base, AttributeType.Data, "", out AttributeView attribute) ? SizeOf(attribute) : 0;
        }

        foreach (AttributeListEntry entry in ListEntries)
        {
            if (entry.Type == AttributeType.Data && entry.Name.Length == 0)
            {
                return SizeOf(AttributeOf(entry));
            }
        }

        return 0;
    }

    /// <summary>All attributes of this type and name, in order; those of one value are its parts by VCN.</summary>
    public AttributeData? Find(uint type, string name)
    {
        if (ListEntries.Count == 0)
        {
            return TryFindIn(_base, type, name, out AttributeView attribute) ? Assemble(attribute, null) : null;
        }

        foreach (AttributeListEntry entry in ListEntries)
        {
            if (entry.Type == type && entry.Name == name)
            {
                return Assemble(AttributeOf(entry), name);
            }
        }

        return null;
    }

    /// <exception cref="DiskFormatException"><c>NtfsFileRecordDamaged</c>: the attribute is missing.</exception>
    public AttributeData Require(uint type, string name) =>
        Find(type, name) ?? throw MasterFileTable.Damaged(Number, $"an attribute 0x{type:X} '{name}'", "none");

    /// <summary>Bytes of a value, resident or not; limited, as the size comes from the disk.</summary>
    public byte[] ReadValue(AttributeData attribute, int limit)
    {
        if (attribute.Resident is { } resident)
        {
            return resident;
        }

        return OpenStream(attribute).ReadAll(limit, "NtfsFileRecordDamaged", MasterFileTable.Name(Number));
    }

    /// <summary>The value as a device.</summary>
    public IBlockDevice OpenStream(AttributeData attribute)
    {
        if (attribute.Resident is { } resident)
        {
            return new MemoryBlockDevice([.. resident]);
        }

        int clusterSize = _table.Boot.ClusterSize;
        return attribute.IsCompressed
            ? new CompressedStreamDevice(_table.Device, clusterSize, attribute)
            : new StreamDevice(_table.Device, clusterSize, attribute.Runs, attribute.DataSize, attribute.InitializedSize);
    }

    /// <summary>Every resident value of a type that may occur several times ($FILE_NAME).</summary>
    public List<byte[]> ReadAllResident(uint type)
    {
        List<byte[]> values = [];
        if (ListEntries.Count == 0)
        {
            int offset = Record.FirstAttributeOffset;
            while (Record.TryGetAttribute(offset, out AttributeView attribute))
            {
                if (attribute.Type == type && !attribute.IsNonResident)
                {
                    values.Add(attribute.Value.ToArray());
                }

                offset += attribute.Length;
            }

            return values;
        }

        foreach (AttributeListEntry entry in ListEntries)
        {
            if (entry.Type == type && AttributeOf(entry) is { IsNonResident: false } attribute)
            {
                values.Add(attribute.Value.ToArray());
            }
        }

        return values;
    }

    /// <summary>Used to find $MFT's own runs, before references can be followed.</summary>
    internal static NtfsFile LoadBase(MasterFileTable table, long number) =>
        new(table, number, RequireBase(table.Read(number), number));

    internal AttributeView BaseAttribute(uint type, string name) =>
        TryFindIn(_base, type, name, out AttributeView attribute)
            ? attribute
            : throw MasterFileTable.Damaged(Number, $"an attribute 0x{type:X} '{name}'", "none");

    internal void DecodeFragment(AttributeListEntry entry, List<DataRun> runs)
    {
        AttributeView part = AttributeOf(entry);
        if (!part.IsNonResident || part.LowestVcn != entry.LowestVcn)
        {
            throw MasterFileTable.Damaged(entry.Record.Number, $"a part from VCN {entry.LowestVcn}", $"one from {part.LowestVcn}");
        }

        DataRuns.Decode(part, runs, _table.Boot.ClusterCount, Number);
    }

    private static byte[] RequireBase(byte[] record, long number)
    {
        FileRecordView view = new(record);
        if (!view.IsInUse || view.BaseRecord.Value != 0)
        {
            throw MasterFileTable.Damaged(number, "a base file record in use", $"flags {view.Flags}, base record {view.BaseRecord}");
        }

        return record;
    }

    private static bool TryFindIn(byte[] bytes, uint type, string name, out AttributeView found)
    {
        FileRecordView record = new(bytes);
        int offset = record.FirstAttributeOffset;
        while (record.TryGetAttribute(offset, out found))
        {
            if (found.Is(type, name))
            {
                return true;
            }

            offset += found.Length;
        }

        return false;
    }

    private List<AttributeListEntry> ReadList()
    {
        if (!TryFindIn(_base, AttributeType.AttributeList, "", out AttributeView list))
        {
            return [];
        }

        byte[] bytes = ReadValue(Assemble(list, null), ListLimit);
        return AttributeListEntry.ReadAll(bytes, Number);
    }

    /// <summary>The attribute that a list entry names, in whichever record holds it.</summary>
    private AttributeView AttributeOf(AttributeListEntry entry)
    {
        byte[] bytes = entry.Record.Number == Number ? _base : _table.Read(entry.Record);
        FileRecordView record = new(bytes);
        if (entry.Record.Number != Number && record.BaseRecord.Number != Number)
        {
            throw MasterFileTable.Damaged(entry.Record.Number, $"an extension of 0x{Number:X}", $"one of {record.BaseRecord}");
        }

        int offset = record.FirstAttributeOffset;
        while (record.TryGetAttribute(offset, out AttributeView attribute))
        {
            if (attribute.Instance == entry.Instance && attribute.Is(entry.Type, entry.Name))
            {
                return attribute;
            }

            offset += attribute.Length;
        }

        throw MasterFileTable.Damaged(entry.Record.Number, $"attribute 0x{entry.Type:X} instance {entry.Instance}", "none");
    }

    private long SizeOf(AttributeView attribute)
    {
        RequireFirst(attribute);
        return attribute.IsNonResident ? attribute.DataSize : attribute.ValueLength;
    }

    private void RequireFirst(AttributeView attribute)
    {
        if (attribute.IsNonResident && attribute.LowestVcn != 0)
        {
            throw MasterFileTable.Damaged(Number, "the first part of an attribute", $"one from VCN {attribute.LowestVcn}");
        }
    }

    private AttributeData Assemble(AttributeView first, string? listedName)
    {
        if (!first.IsNonResident)
        {
            return new AttributeData { Resident = first.Value.ToArray(), Flags = first.Flags, DataSize = first.ValueLength };
        }

        RequireFirst(first);
        List<DataRun> runs = [];
        DataRuns.Decode(first, runs, _table.Boot.ClusterCount, Number);
        if (listedName is not null)
        {
            foreach (AttributeListEntry entry in ListEntries)
            {
                if (entry.Type == first.Type && entry.LowestVcn > 0 && entry.Name == listedName)
                {
                    DecodeFragment(entry, runs);
                }
            }
        }

        if ((runs.Count == 0 ? 0 : runs[^1].EndVcn) < first.AllocatedSize / _table.Boot.ClusterSize)
        {
            throw MasterFileTable.Damaged(Number, $"runs for {first.AllocatedSize} bytes", $"{runs.Count} runs that end before");
        }

        return new AttributeData
        {
            Runs = runs,
            Flags = first.Flags,
            CompressionUnit = first.CompressionUnit,
            AllocatedSize = first.AllocatedSize,
            DataSize = first.DataSize,
            InitializedSize = first.InitializedSize,
        };
    }
}
