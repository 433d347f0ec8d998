using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A file or directory while it is edited: all attributes of all its file records. Nothing is written before <see cref="Save"/>.</summary>
internal sealed class FileEditor
{
    private readonly WriteContext _context;

    public FileEditor(WriteContext context, FileReference reference)
    {
        _context = context;
        NtfsFile file = context.Volume.Load(reference);
        Records.Add(new RecordBuffer(file.Number, [.. context.Table.Read(file.Number)]));
        foreach (AttributeListEntry entry in file.ListEntries)
        {
            if (Records.TrueForAll(record => record.Number != entry.Record.Number))
            {
                Records.Add(LoadExtension(entry.Record));
            }
        }
    }

    /// <summary>A new file in an empty record.</summary>
    public FileEditor(WriteContext context, FileReference reference, byte[] record)
    {
        _context = context;
        Records.Add(new RecordBuffer(reference.Number, record));
    }

    /// <summary>The base record first.</summary>
    public List<RecordBuffer> Records { get; } = [];

    public RecordBuffer Base => Records[0];

    public FileReference Reference => Base.Reference;

    public AttributeData Read(uint type, string name) =>
        Find(type, name) ?? throw MasterFileTable.Damaged(Base.Number, $"an attribute 0x{type:X} '{name}'", "none");

    public AttributeData? Find(uint type, string name)
    {
        List<(RecordBuffer Record, int Index)> parts = Parts(type, name);
        if (parts.Count == 0)
        {
            return null;
        }

        AttributeView first = ViewOf(parts[0]);
        if (!first.IsNonResident)
        {
            return new AttributeData { Resident = first.Value.ToArray(), Flags = first.Flags, DataSize = first.ValueLength };
        }

        List<DataRun> runs = [];
        foreach ((RecordBuffer Record, int Index) part in parts)
        {
            DataRuns.Decode(ViewOf(part), runs, _context.Volume.Boot.ClusterCount, Base.Number);
        }

        long clusters = runs.Count == 0 ? 0 : runs[^1].EndVcn;
        if (clusters != first.AllocatedSize / _context.ClusterSize || first.AllocatedSize % _context.ClusterSize != 0)
        {
            throw MasterFileTable.Damaged(Base.Number, $"an allocated size of {clusters} clusters", $"{first.AllocatedSize} bytes");
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

    /// <summary>The parts of an attribute, by VCN.</summary>
    public List<(RecordBuffer Record, int Index)> Parts(uint type, string name)
    {
        List<(RecordBuffer Record, int Index)> parts = [];
        foreach (RecordBuffer record in Records)
        {
            for (int i = 0; i < record.Attributes.Count; i++)
            {
                if (new AttributeView(record.Attributes[i]).Is(type, name))
                {
                    parts.Add((record, i));
                }
            }
        }

        parts.Sort((left, right) => ViewOf(left).LowestVcn.CompareTo(ViewOf(right).LowestVcn));
        return parts;
    }

    public static AttributeView ViewOf((RecordBuffer Record, int Index) part) => new(part.Record.Attributes[part.Index]);

    public IBlockDevice OpenStream(uint type, string name)
    {
        AttributeData data = Read(type, name);
        return data.Resident is { } resident
            ? new MemoryBlockDevice(resident)
            : new StreamDevice(_context.Device, _context.ClusterSize, data.Runs, data.DataSize, data.InitializedSize);
    }

    /// <summary>Writes into a stream of metadata, within its initialized length; held back with the operation.</summary>
    public void WriteStream(uint type, string name, long offset, ReadOnlySpan<byte> bytes)
    {
        (RecordBuffer Record, int Index) first = Parts(type, name)[0];
        if (ViewOf(first).IsNonResident)
        {
            _context.WriteStream(Read(type, name), offset, bytes);
        }
        else
        {
            bytes.CopyTo(ViewOf(first).Value[(int)offset..]);
        }
    }

    public void SetLength(uint type, string name, long length) => new StreamEditor(_context, this, type, name).SetLength(length, zero: true);

    public void SetInitialized(uint type, string name, long length)
    {
        AttributeView first = ViewOf(Parts(type, name)[0]);
        if (first.IsNonResident)
        {
            first.InitializedSize = length;
        }
    }

    /// <summary>Gives a resident attribute another value; false when its record has no room for it.</summary>
    public bool TrySetValue(uint type, string name, ReadOnlySpan<byte> value)
    {
        (RecordBuffer record, int index) = Parts(type, name)[0];
        AttributeView old = new(record.Attributes[index]);
        byte[] changed = AttributeBuilder.Resident(type, name, old.Flags, old.Bytes[0x16] != 0, value);
        if (record.Free + old.Length < changed.Length)
        {
            return false;
        }

        new AttributeView(changed).Instance = old.Instance;
        record.Attributes[index] = changed;
        return true;
    }

    /// <summary>Adds an attribute to the base record; <see cref="Save"/> finds it another place when it does not fit.</summary>
    public void Add(byte[] attribute) => Base.Add(attribute, _context.Volume.Upcase);

    /// <summary>Writes the records that differ.</summary>
    public void Save()
    {
        RecordLayout.Fit(_context, this);
        foreach (RecordBuffer record in Records)
        {
            byte[] bytes = record.ToBytes();
            new FileRecordView(bytes).Validate(record.Number);
            if (!bytes.AsSpan().SequenceEqual(_context.Table.ReadWithoutCheck(record.Number)))
            {
                _context.WriteRecord(record.Number, bytes);
            }
        }
    }

    /// <exception cref="DiskFormatException">The record belongs to another file: nothing of that may be changed.</exception>
    private RecordBuffer LoadExtension(FileReference reference)
    {
        byte[] bytes = [.. _context.Table.Read(reference)];
        FileReference owner = new FileRecordView(bytes).BaseRecord;
        return owner == Reference
            ? new RecordBuffer(reference.Number, bytes)
            : throw MasterFileTable.Damaged(reference.Number, $"an extension of {Reference}", $"one of {owner}");
    }
}
