using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A file with its attributes put together from all its records, and the checks that need the whole of them.</summary>
internal sealed class NtfsCheckerFile
{
    /// <summary>Records below are the file system's own, or kept for it.</summary>
    public const long FirstOrdinaryNumber = 24;

    private readonly NtfsCheckerContext _context;

    private NtfsCheckerFile(NtfsCheckerRecord record, NtfsCheckerContext context, List<NtfsCheckerAttribute> attributes, List<long> extensions)
    {
        _context = context;
        Record = record;
        Attributes = attributes;
        Extensions = extensions;
    }

    public NtfsCheckerRecord Record { get; }

    public long Number => Record.Number;

    /// <summary>Non-resident ones once, with all their runs.</summary>
    public List<NtfsCheckerAttribute> Attributes { get; }

    /// <summary>Numbers of the records besides the base record.</summary>
    public List<long> Extensions { get; }

    private string Place => NtfsCheckerRecord.PlaceOf(Number);

    public static NtfsCheckerFile Assemble(NtfsCheckerRecord record, NtfsCheckerContext context)
    {
        NtfsCheckerAttribute? list = Find(record.Attributes, AttributeType.AttributeList, "");
        if (list is null)
        {
            return new NtfsCheckerFile(record, context, record.Attributes, []);
        }

        NtfsCheckerFile file = new(record, context, [], []);
        try
        {
            file.Gather(AttributeListEntry.ReadAll(context.ReadAttributeList(list), record.Number), list);
        }
        catch (DiskFormatException error)
        {
            context.Findings.Add(error.ErrorId, file.Place, error.Message);
        }

        return file;
    }

    public NtfsCheckerAttribute? Find(uint type, string name) => Find(Attributes, type, name);

    /// <summary>Values of $FILE_NAME, those that lie whole within their attribute.</summary>
    public IEnumerable<byte[]> FileNames()
    {
        foreach (NtfsCheckerAttribute attribute in Attributes)
        {
            if (attribute.Type == AttributeType.FileName && attribute.Value is { } value && FileNameView.IsWhole(value))
            {
                yield return value;
            }
        }
    }

    public List<string> IndexNames()
    {
        List<string> names = [];
        foreach (NtfsCheckerAttribute attribute in Attributes)
        {
            if (attribute.Type == AttributeType.IndexRoot)
            {
                names.Add(attribute.Name);
            }
        }

        return names;
    }

    /// <summary>$STANDARD_INFORMATION's security id; 0 for none.</summary>
    public uint SecurityId => Find(AttributeType.StandardInformation, "")?.Value is { Length: >= StandardInformation.Size } value ? Le.U32(value, 0x34) : 0;

    /// <summary>Sizes, holes, names and links, and that what every file has is there.</summary>
    public void Check()
    {
        foreach (NtfsCheckerAttribute attribute in Attributes)
        {
            if (attribute.Value is null)
            {
                CheckSizes(attribute);
            }
        }

        int names = CheckNames();
        if (names != Record.LinkCount)
        {
            _context.Findings.Add("NtfsLinkCountWrong", Place,
                string.Create(CultureInfo.InvariantCulture, $"link count {Record.LinkCount}, but {names} names"));
        }

        if (Find(AttributeType.StandardInformation, "")?.Value is not { Length: >= StandardInformation.MinimumSize })
        {
            _context.Findings.Add("NtfsStandardInformationMissing", Place, "it should have resident standard information");
        }

        if (Record.IsDirectory != (Find(AttributeType.IndexRoot, IndexTree.Directory) is not null))
        {
            _context.Findings.Add("NtfsDirectoryFlagWrong", Place, "the directory flag and the index $I30 should go together");
        }

        if (Number >= FirstOrdinaryNumber && (Record.Flags & ~FileRecordView.InUseFlag) == 0 && Find(AttributeType.Data, "") is null)
        {
            _context.Findings.Add("NtfsDataMissing", Place, "a file should have an unnamed data attribute");
        }
    }

    private int CheckNames()
    {
        int names = 0, aliases = 0;
        foreach (NtfsCheckerAttribute attribute in Attributes)
        {
            if (attribute.Type != AttributeType.FileName)
            {
                continue;
            }

            names++;
            if (attribute.Value is null || !attribute.IsIndexed || !FileNameView.IsWhole(attribute.Value))
            {
                _context.Findings.Add("NtfsFileNameDamaged", Place, "a $FILE_NAME does not hold a name, or is not marked as indexed");
            }
            else
            {
                aliases += attribute.Value[0x41] == FileNameView.Dos ? 1 : 0;
            }
        }

        if (aliases > 1)
        {
            _context.Findings.Add("NtfsFileNameDamaged", Place, "it has more than one DOS name");
        }

        return names;
    }

    private static NtfsCheckerAttribute? Find(List<NtfsCheckerAttribute> attributes, uint type, string name)
    {
        foreach (NtfsCheckerAttribute attribute in attributes)
        {
            if (attribute.Type == type && attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }

    private void CheckSizes(NtfsCheckerAttribute attribute)
    {
        long cluster = _context.Boot.ClusterSize;
        long there = 0, holes = 0;
        foreach (DataRun run in attribute.Runs)
        {
            there += run.IsSparse ? 0 : run.Count;
            holes += run.IsSparse ? run.Count : 0;
        }

        bool sparse = attribute.IsCompressed || attribute.IsSparse;
        if (attribute.LowestVcn != 0 || attribute.AllocatedSize != attribute.EndVcn * cluster
            || (sparse && attribute.TotalAllocated >= 0 && attribute.TotalAllocated != there * cluster))
        {
            _context.Findings.Add("NtfsSizesWrong", Place,
                string.Create(CultureInfo.InvariantCulture, $"{attribute} has {there} clusters and {holes} in holes, which its sizes contradict"));
        }

        if (holes > 0 && !sparse && Number != FileReference.BadClustersNumber)
        {
            _context.Findings.Add("NtfsHoleInPlainStream", Place, $"{attribute} has holes, but is neither sparse nor compressed");
        }

        if (attribute.IsCompressed)
        {
            CheckUnits(attribute);
        }
    }

    /// <summary>In each unit the clusters that are there come first.</summary>
    private void CheckUnits(NtfsCheckerAttribute attribute)
    {
        long unit = 1L << attribute.CompressionUnit;
        bool wrong = attribute.CompressionUnit is < 1 or > 16;
        foreach (DataRun run in attribute.Runs)
        {
            wrong |= run.IsSparse && run.EndVcn % unit != 0 && run.EndVcn != attribute.EndVcn;
        }

        if (wrong)
        {
            _context.Findings.Add("NtfsCompressionUnitDamaged", Place, $"{attribute} has a compression unit that starts with a hole and goes on");
        }
    }

    private void Gather(List<AttributeListEntry> entries, NtfsCheckerAttribute list)
    {
        Dictionary<long, NtfsCheckerRecord?> records = new() { [Number] = Record };
        HashSet<(long Record, ushort Instance)> listed = [];
        for (int i = 0; i < entries.Count; i++)
        {
            AttributeListEntry entry = entries[i];
            if (i > 0 && Compare(entries[i - 1], entry) > 0)
            {
                _context.Findings.Add("NtfsAttributeListOrderWrong", Place, $"the list's entry for attribute 0x{entry.Type:X} is not in order");
            }

            if (!records.TryGetValue(entry.Record.Number, out NtfsCheckerRecord? record))
            {
                record = ReadExtension(entry.Record);
                records.Add(entry.Record.Number, record);
            }

            NtfsCheckerAttribute? attribute = record is null ? null : FindListed(record, entry);
            if (attribute is null || !listed.Add((entry.Record.Number, entry.Instance)))
            {
                _context.Findings.Add("NtfsAttributeListStale", Place,
                    string.Create(CultureInfo.InvariantCulture, $"the list's entry for attribute 0x{entry.Type:X} in record {entry.Record} names none"));
                continue;
            }

            Append(attribute);
        }

        CheckComplete(records, listed, list);
    }

    private int Compare(AttributeListEntry left, AttributeListEntry right)
    {
        int order = left.Type.CompareTo(right.Type);
        order = order != 0 ? order : _context.CompareIgnoringCase(left.Name, right.Name);
        return order != 0 ? order : left.LowestVcn.CompareTo(right.LowestVcn);
    }

    private NtfsCheckerRecord? ReadExtension(FileReference reference)
    {
        NtfsCheckerRecord? record = _context.ReadRecord(reference.Number);
        if (record is null || record.Sequence != reference.Sequence || record.BaseRecord.Number != Number || record.BaseRecord.Sequence != Record.Sequence)
        {
            _context.Findings.Add("NtfsExtensionRecordWrong", Place, $"record {reference} should be an extension of it");
            return null;
        }

        Extensions.Add(reference.Number);
        return record;
    }

    private static NtfsCheckerAttribute? FindListed(NtfsCheckerRecord record, AttributeListEntry entry)
    {
        foreach (NtfsCheckerAttribute attribute in record.Attributes)
        {
            if (attribute.Instance == entry.Instance && attribute.Type == entry.Type && attribute.Name == entry.Name
                && attribute.LowestVcn == entry.LowestVcn)
            {
                return attribute;
            }
        }

        return null;
    }

    private void Append(NtfsCheckerAttribute attribute)
    {
        if (attribute.LowestVcn == 0)
        {
            Attributes.Add(attribute);
            return;
        }

        NtfsCheckerAttribute? before = Attributes.Count == 0 ? null : Attributes[^1];
        if (before is null || before.Type != attribute.Type || before.Name != attribute.Name || before.EndVcn != attribute.LowestVcn)
        {
            _context.Findings.Add("NtfsRunListDamaged", Place, $"the parts of {attribute} do not follow each other");
            return;
        }

        Attributes[^1] = before with { Runs = [.. before.Runs, .. attribute.Runs] };
    }

    private void CheckComplete(
        Dictionary<long, NtfsCheckerRecord?> records, HashSet<(long Record, ushort Instance)> listed, NtfsCheckerAttribute list)
    {
        foreach ((long number, NtfsCheckerRecord? record) in records)
        {
            foreach (NtfsCheckerAttribute attribute in record?.Attributes ?? [])
            {
                if (attribute != list && !listed.Contains((number, attribute.Instance)))
                {
                    _context.Findings.Add("NtfsAttributeListIncomplete", Place, $"{attribute} of record 0x{number:X} is not in the list");
                }
            }
        }

        if (Find(AttributeType.AttributeList, "") is null)
        {
            Attributes.Add(list);
        }
    }
}
