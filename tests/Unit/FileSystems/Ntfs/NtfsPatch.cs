using System.Buffers.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems.Ntfs;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>Damages a volume on purpose: one structure at a time, its update sequence kept right.</summary>
internal sealed class NtfsPatch
{
    private readonly byte[] _bytes;
    private readonly NtfsVolume _volume;

    public NtfsPatch(byte[] good)
    {
        _bytes = [.. good];
        _volume = NtfsVolume.Open(new MemoryBlockDevice([.. good], 512));
    }

    public delegate void Edit(Span<byte> bytes);

    public byte[] Bytes => _bytes;

    public NtfsBootSector Boot => _volume.Boot;

    public long NumberOf(string path) => _volume.Resolve(path).Number;

    /// <summary>The first base record in use with an attribute list.</summary>
    public long FindAttributeList()
    {
        for (long number = 24; number < _volume.Table.RecordCount; number++)
        {
            byte[] record = _volume.Table.ReadUnchecked(number);
            if (record.AsSpan().StartsWith("FILE"u8) && UpdateSequence.TryRemove(record) && new FileRecordView(record).IsInUse
                && !Attribute(record, AttributeType.AttributeList).IsEmpty)
            {
                return number;
            }
        }

        throw new InvalidOperationException("There is no attribute list on this volume.");
    }

    public void Record(long number, Edit edit) =>
        Block(PlaceOf(_volume.Table.Data.Runs, number * Boot.FileRecordSize), Boot.FileRecordSize, edit);

    /// <summary>A record as it lies on the disk, to be damaged as a whole.</summary>
    public Span<byte> RawRecord(long number) =>
        _bytes.AsSpan((int)PlaceOf(_volume.Table.Data.Runs, number * Boot.FileRecordSize), Boot.FileRecordSize);

    public void Record(string path, Edit edit) => Record(NumberOf(path), edit);

    /// <summary>An index block by its VCN.</summary>
    public void Node(long number, string index, long vcn, Edit edit)
    {
        AttributeData allocation = File(number).Require(AttributeType.IndexAllocation, index);
        Block(PlaceOf(allocation.Runs, vcn * Boot.ClusterSize), Boot.IndexBlockSize, edit);
    }

    /// <summary>The first VCN that an entry of the root node of an index leads to.</summary>
    public long FirstChild(long number, string index) =>
        IndexTree.Open(File(number), index, Boot).ReadRoot()[0].Child;

    /// <summary>Bytes of a stream, resident or not, that the base record tells of.</summary>
    public void Stream(long number, uint type, string name, long offset, Edit edit)
    {
        Record(number, record =>
        {
            AttributeView attribute = new(Attribute(record, type, name));
            if (!attribute.IsNonResident)
            {
                edit(attribute.Value[(int)offset..]);
                return;
            }

            List<DataRun> runs = [];
            DataRuns.Decode(attribute, runs, Boot.ClusterCount, number);
            edit(_bytes.AsSpan((int)PlaceOf(runs, offset)));
        });
    }

    /// <summary>An attribute within its record; empty when it is not there.</summary>
    public static Span<byte> Attribute(Span<byte> record, uint type, string name = "")
    {
        FileRecordView view = new(record);
        int offset = view.FirstAttributeOffset;
        while (view.TryGetAttribute(offset, out AttributeView attribute))
        {
            if (attribute.Is(type, name))
            {
                return attribute.Bytes;
            }

            offset += attribute.Length;
        }

        return [];
    }

    public static Span<byte> Value(Span<byte> record, uint type, string name = "") => new AttributeView(Attribute(record, type, name)).Value;

    public static Span<byte> MappingPairs(Span<byte> record, uint type, string name = "")
    {
        Span<byte> attribute = Attribute(record, type, name);
        return attribute[new AttributeView(attribute).MappingPairsOffset..];
    }

    private NtfsFile File(long number) => _volume.Load(new FileReference(number, 0));

    private void Block(long place, int size, Edit edit)
    {
        Span<byte> block = _bytes.AsSpan((int)place, size);
        Assert.True(UpdateSequence.TryRemove(block));
        edit(block);
        UpdateSequence.Insert(block);
    }

    private long PlaceOf(IReadOnlyList<DataRun> runs, long offset)
    {
        DataRun run = runs.Single(run => offset >= run.Vcn * Boot.ClusterSize && offset < run.EndVcn * Boot.ClusterSize);
        return ((run.Lcn - run.Vcn) * Boot.ClusterSize) + offset;
    }

    public static void Add(Span<byte> bytes, int offset, int delta) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], (uint)(BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]) + delta));
}
