using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Checks one file record by itself: header, order and lengths of the attributes, mapping pairs.</summary>
internal sealed class NtfsCheckerRecord
{
    private const int RecordNumberOffset = 0x2C;
    private const int RecordNumberEnd = 0x30;
    private const int TotalAllocatedEnd = 0x48;
    private const int IndexedFlag = 1;

    private NtfsCheckerRecord(long number, ushort sequence, ushort linkCount, ushort flags, FileReference baseRecord, List<NtfsCheckerAttribute> attributes)
    {
        Number = number;
        Sequence = sequence;
        LinkCount = linkCount;
        Flags = flags;
        BaseRecord = baseRecord;
        Attributes = attributes;
    }

    public long Number { get; }

    public ushort Sequence { get; }

    public ushort LinkCount { get; }

    public ushort Flags { get; }

    /// <summary>0 when this is one.</summary>
    public FileReference BaseRecord { get; }

    public List<NtfsCheckerAttribute> Attributes { get; }

    public bool IsDirectory => (Flags & FileRecordView.DirectoryFlag) != 0;

    public static string PlaceOf(long number) => string.Create(CultureInfo.InvariantCulture, $"file record 0x{number:X}");

    /// <summary>The record; null when it is not in use, or so damaged that nothing in it can be relied on.</summary>
    /// <param name="bytes">As on the disk; the update sequence is taken out.</param>
    /// <param name="number">Its number.</param>
    /// <param name="context">Takes the findings.</param>
    /// <param name="inUse">Whether the record says that it is in use; unreadable ones do not say so.</param>
    public static NtfsCheckerRecord? Read(Span<byte> bytes, long number, NtfsCheckerContext context, out bool inUse)
    {
        string place = PlaceOf(number);
        inUse = false;
        try
        {
            if (!bytes[..4].SequenceEqual(FileRecordView.Signature) && !context.IsMarkedInUse(number))
            {
                return null;
            }

            UpdateSequence.Remove(bytes, FileRecordView.Signature, FileRecordView.ErrorId, place, 0);
            FileRecordView view = new(bytes);
            inUse = view.IsInUse;
            if (!inUse)
            {
                return null;
            }

            view.Validate(number);
            List<NtfsCheckerAttribute> attributes = ReadAttributes(view, number, context);
            CheckHeader(view, number, context);
            CheckOrder(view, attributes, place, context);
            return new NtfsCheckerRecord(number, view.Sequence, view.LinkCount, view.Flags, view.BaseRecord, attributes);
        }
        catch (DiskFormatException error)
        {
            context.Findings.Add(error.ErrorId, place, error.Message);
            return null;
        }
    }

    private static void CheckHeader(FileRecordView view, long number, NtfsCheckerContext context)
    {
        if (view.Sequence == 0)
        {
            context.Findings.Add("NtfsFileRecordHeaderWrong", PlaceOf(number), "its sequence number is 0");
        }

        if (view.UpdateSequenceOffset >= RecordNumberEnd && Le.U32(view.Bytes, RecordNumberOffset) != (uint)(number & uint.MaxValue))
        {
            context.Findings.Add("NtfsFileRecordHeaderWrong", PlaceOf(number), "it carries the number of another record");
        }
    }

    private static List<NtfsCheckerAttribute> ReadAttributes(FileRecordView view, long number, NtfsCheckerContext context)
    {
        List<NtfsCheckerAttribute> attributes = [];
        int offset = view.FirstAttributeOffset;
        while (view.TryGetAttribute(offset, out AttributeView attribute))
        {
            attributes.Add(ReadAttribute(attribute, number, context));
            offset += attribute.Length;
        }

        if (view.BytesInUse != offset + 8 || view.BytesInUse > view.Bytes.Length)
        {
            context.Findings.Add("NtfsFileRecordHeaderWrong", PlaceOf(number),
                string.Create(CultureInfo.InvariantCulture, $"{view.BytesInUse} bytes are in use, its attributes end at {offset + 8}"));
        }

        return attributes;
    }

    private static NtfsCheckerAttribute ReadAttribute(AttributeView attribute, long number, NtfsCheckerContext context)
    {
        string name = attribute.NameLength == 0 ? "" : attribute.Name.SequenceEqual("$I30") ? IndexTree.Directory : new string(attribute.Name);
        if (!attribute.IsNonResident)
        {
            return new NtfsCheckerAttribute(
                attribute.Type, name, attribute.Instance, attribute.Flags, attribute.Value.ToArray(), [], 0, 0, attribute.ValueLength, 0, 0, 0,
                (attribute.Bytes[0x16] & IndexedFlag) != 0);
        }

        List<DataRun> runs = attribute.LowestVcn == 0 ? [] : [new DataRun(0, long.MinValue, attribute.LowestVcn)];
        DataRuns.Decode(attribute, runs, context.Boot.ClusterCount, number);
        if (attribute.LowestVcn != 0)
        {
            runs.RemoveAt(0);
        }

        bool first = attribute.LowestVcn == 0;
        bool hasTotal = first && attribute.MappingPairsOffset >= TotalAllocatedEnd
            && (attribute.Flags & (AttributeView.CompressedFlag | AttributeView.SparseFlag)) != 0;
        return new NtfsCheckerAttribute(
            attribute.Type,
            name,
            attribute.Instance,
            attribute.Flags,
            null,
            runs,
            attribute.LowestVcn,
            first ? attribute.AllocatedSize : 0,
            first ? attribute.DataSize : 0,
            first ? attribute.InitializedSize : 0,
            hasTotal ? Le.I64(attribute.Bytes, 0x40) : -1,
            attribute.CompressionUnit,
            false);
    }

    private static void CheckOrder(FileRecordView view, List<NtfsCheckerAttribute> attributes, string place, NtfsCheckerContext context)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            NtfsCheckerAttribute attribute = attributes[i];
            if (i > 0 && context.CompareAttributes(attributes[i - 1], attribute) > 0)
            {
                context.Findings.Add("NtfsAttributeOrderWrong", place, $"{attribute} comes after {attributes[i - 1]}");
            }

            bool twice = false;
            for (int before = 0; before < i; before++)
            {
                twice |= attributes[before].Instance == attribute.Instance;
            }

            if (twice || attribute.Instance >= view.NextInstance)
            {
                context.Findings.Add("NtfsAttributeInstanceWrong", place,
                    string.Create(CultureInfo.InvariantCulture, $"{attribute} has instance {attribute.Instance}, the next would be {view.NextInstance}"));
            }
        }
    }
}
