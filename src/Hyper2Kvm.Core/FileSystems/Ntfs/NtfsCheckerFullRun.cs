using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Checks a whole volume. Memory: one bit for each cluster and 27 bytes for each file record.</summary>
/// <remarks>Names and sizes are compared with index entries by sums of hashes, one for each file; only where a sum is wrong, one by one.</remarks>
internal sealed class NtfsCheckerFullRun
{
    private const int BatchSize = 1 << 20;
    private const int DetailLimit = 1000;

    // Where each part begins on the way from 0 to 100.
    private const int RecordsFrom = 0;
    private const int IndexesFrom = 60;
    private const int NamesFrom = 90;

    private const byte InUse = 1;
    private const byte Base = 2;
    private const byte Directory = 4;
    private const byte Listed = 8;
    private const byte Reached = 16;
    private const byte Indexed = 32;
    private const byte WithObjectId = 64;
    private const byte WithReparsePoint = 128;

    private readonly NtfsCheckerContext _context;
    private readonly CancellationToken _token;
    private readonly Action<int>? _progress;
    private readonly NtfsCheckerClusters _clusters;
    private readonly byte[] _flags;
    private readonly ushort[] _sequences;
    private readonly ulong[] _names;
    private readonly ulong[] _sizes;
    private readonly uint[] _parents;
    private readonly uint[] _securityIds;

    public NtfsCheckerFullRun(NtfsCheckerContext context, Action<int>? progress, CancellationToken token)
    {
        _context = context;
        _token = token;
        _progress = progress;
        _clusters = new NtfsCheckerClusters(context.Boot.ClusterCount);
        _flags = new byte[context.RecordCount];
        _sequences = new ushort[context.RecordCount];
        _names = new ulong[context.RecordCount];
        _sizes = new ulong[context.RecordCount];
        _parents = new uint[context.RecordCount];
        _securityIds = new uint[context.RecordCount];
    }

    public void Check()
    {
        NtfsCheckerSystem.Check(_context);
        CheckRecords();
        CheckListedFiles();
        CheckExtensions();
        CheckIndexes();
        CheckNames();
        CheckSizes();
        CheckTree();
        CheckSecurity();
        CheckClusters();
    }

    private void Advance(int from, int to, long number)
    {
        _token.ThrowIfCancellationRequested();
        _progress?.Invoke(from + (int)((to - from) * number / Math.Max(1, _context.RecordCount)));
    }

    private void CheckRecords()
    {
        int size = _context.Boot.FileRecordSize;
        byte[] batch = new byte[BatchSize];
        for (long number = 0; number < _context.RecordCount;)
        {
            Advance(RecordsFrom, IndexesFrom, number);
            int count = (int)Math.Min(BatchSize / size, _context.RecordCount - number);
            _context.ReadRecords(number, batch.AsSpan(0, count * size));
            for (int i = 0; i < count; i++, number++)
            {
                CheckRecord(batch.AsSpan(i * size, size), number);
            }
        }

        // A bitmap may claim any length; a table larger than the volume cannot be.
        long end = Math.Min(_context.RecordBitCount, _context.Boot.ClusterBytes / size);
        for (long number = _context.RecordCount; number < end; number++)
        {
            if (number % BatchSize == 0)
            {
                _token.ThrowIfCancellationRequested();
            }

            if (_context.IsMarkedInUse(number))
            {
                _context.Findings.Add("NtfsMftBitmapWrong", NtfsCheckerRecord.PlaceOf(number), "it is behind the end of $MFT, but taken in its bitmap");
            }
        }
    }

    private void CheckRecord(Span<byte> bytes, long number)
    {
        NtfsCheckerRecord? record = NtfsCheckerRecord.Read(bytes, number, _context, out bool inUse);
        if (inUse != _context.IsMarkedInUse(number))
        {
            _context.Findings.Add("NtfsMftBitmapWrong", NtfsCheckerRecord.PlaceOf(number),
                inUse ? "it is in use, but free in $MFT's bitmap" : "it is not in use, but taken in $MFT's bitmap");
        }

        if (record is null)
        {
            return;
        }

        bool isBase = record.BaseRecord.Value == 0;
        _flags[number] = (byte)(InUse | (isBase ? Base : 0) | (record.IsDirectory ? Directory : 0));
        _sequences[number] = record.Sequence;
        foreach (NtfsCheckerAttribute attribute in record.Attributes)
        {
            TakeClusters(attribute, number);
            _flags[number] |= isBase && attribute.Type == AttributeType.AttributeList ? Listed : (byte)0;
        }

        if (!isBase)
        {
            return;
        }

        if ((_flags[number] & Listed) == 0)
        {
            CheckFile(NtfsCheckerFile.Assemble(record, _context));
        }
    }

    private void TakeClusters(NtfsCheckerAttribute attribute, long number)
    {
        foreach (DataRun run in attribute.Runs)
        {
            long twice = run.IsSparse ? -1 : _clusters.Take(run);
            if (twice >= 0)
            {
                _context.Findings.Add("NtfsClusterOwnedTwice", NtfsCheckerRecord.PlaceOf(number),
                    string.Create(CultureInfo.InvariantCulture, $"cluster {twice} of {attribute} belongs to something else too"));
            }
        }
    }

    private void CheckFile(NtfsCheckerFile file)
    {
        file.Check();
        _flags[file.Number] |= file.IndexNames().Count > 0 ? Indexed : (byte)0;
        _flags[file.Number] |= file.Find(AttributeType.ObjectId, "") is null ? (byte)0 : WithObjectId;
        _flags[file.Number] |= file.Find(AttributeType.ReparsePoint, "") is null ? (byte)0 : WithReparsePoint;
        _securityIds[file.Number] = file.SecurityId;
        foreach (byte[] name in file.FileNames())
        {
            _names[file.Number] = unchecked(_names[file.Number] + NtfsCheckerNames.Hash(name));
            _sizes[file.Number] = unchecked(_sizes[file.Number] + NtfsCheckerNames.HashSizes(file));
            _parents[file.Number] = (uint)(new FileNameView(name).Parent.Number & uint.MaxValue);
        }
    }

    private void CheckListedFiles()
    {
        for (long number = 0; number < _flags.Length; number++)
        {
            if ((_flags[number] & Listed) != 0 && _context.LoadFile(number) is { } file)
            {
                _token.ThrowIfCancellationRequested();
                CheckFile(file);
                foreach (long extension in file.Extensions)
                {
                    _flags[extension] |= Reached;
                }
            }
        }
    }

    private void CheckExtensions()
    {
        for (long number = 0; number < _flags.Length; number++)
        {
            if ((_flags[number] & (InUse | Base | Reached)) == InUse)
            {
                _context.Findings.Add("NtfsExtensionRecordOrphan", NtfsCheckerRecord.PlaceOf(number), "no file's attribute list names it");
            }
        }
    }

    private void CheckIndexes()
    {
        NtfsCheckerViews views = new(_context, IsFile, (number, type) =>
            _flags[number] &= unchecked((byte)~(type == AttributeType.ObjectId ? WithObjectId : WithReparsePoint)));
        for (long number = 0; number < _flags.Length; number++)
        {
            if ((_flags[number] & (InUse | Base | Indexed)) != (InUse | Base | Indexed) || number == FileReference.SecureNumber
                || _context.LoadFile(number) is not { } file)
            {
                continue;
            }

            Advance(IndexesFrom, NamesFrom, number);
            foreach (string name in file.IndexNames())
            {
                NtfsCheckerIndex.Open(_context, file, name)?.Walk(
                    name == IndexTree.Directory ? entry => CheckEntry(entry, file) : views.VisitorOf(file, name) ?? (_ => { }));
            }
        }

        views.CheckQuota();
        CheckIndexed(views.HasObjectIds, WithObjectId, "NtfsObjectIdIndexWrong", "its object id is not in the index of $ObjId");
        CheckIndexed(views.HasReparsePoints, WithReparsePoint, "NtfsReparseIndexWrong", "its reparse point is not in the index of $Reparse");
    }

    /// <summary>Of the file system's own files only $Volume has such a thing, outside the index.</summary>
    private void CheckIndexed(bool hasIndex, byte flag, string id, string message)
    {
        for (long number = NtfsCheckerFile.FirstOrdinaryNumber; hasIndex && number < _flags.Length; number++)
        {
            if ((_flags[number] & flag) != 0)
            {
                _context.Findings.Add(id, NtfsCheckerRecord.PlaceOf(number), message);
            }
        }
    }

    private bool IsFile(FileReference reference) => reference.Number < _flags.Length
        && (_flags[reference.Number] & (InUse | Base)) == (InUse | Base) && _sequences[reference.Number] == reference.Sequence;

    private void CheckEntry(IndexEntry entry, NtfsCheckerFile directory)
    {
        FileReference child = entry.Reference;
        string place = $"index $I30 of {NtfsCheckerRecord.PlaceOf(directory.Number)}";
        if (!IsFile(child))
        {
            _context.Findings.Add("NtfsIndexEntryStale", place,
                $"'{NtfsCheckerNames.Printable(entry.Key)}' names record {child}, which is not in use or another file's");
            return;
        }

        FileReference parent = new(Le.U64(entry.Key, 0));
        if (parent.Number != directory.Number || parent.Sequence != directory.Record.Sequence)
        {
            _context.Findings.Add("NtfsIndexEntryParentWrong", place, $"'{NtfsCheckerNames.Printable(entry.Key)}' names another directory");
        }

        // Windows formats the root directory's own entry without the flag.
        if (child.Number != FileReference.RootNumber && NtfsCheckerNames.IsDirectory(entry.Key) != ((_flags[child.Number] & Directory) != 0))
        {
            _context.Findings.Add("NtfsIndexEntryKindWrong", place, $"'{NtfsCheckerNames.Printable(entry.Key)}' takes a file for a directory, or the reverse");
        }

        _names[child.Number] = unchecked(_names[child.Number] - NtfsCheckerNames.Hash(entry.Key));
        _sizes[child.Number] = unchecked(_sizes[child.Number] - NtfsCheckerNames.HashSizes(entry.Key));
    }

    /// <summary>Where the names of a file and the entries for it differ: which of them.</summary>
    private void CheckNames()
    {
        Dictionary<long, NtfsCheckerFile> wrong = [];
        for (long number = 0; number < _names.Length && wrong.Count < DetailLimit; number++)
        {
            if (_names[number] != 0 && _context.LoadFile(number) is { } file)
            {
                wrong.Add(number, file);
                NtfsCheckerNames.CheckEntries(_context, file);
            }
        }

        for (long number = 0; wrong.Count > 0 && number < _flags.Length; number++)
        {
            Advance(NamesFrom, 100, number);
            if ((_flags[number] & (Base | Directory)) == (Base | Directory) && _context.LoadFile(number) is { } directory)
            {
                NtfsCheckerIndex.Open(_context, directory, IndexTree.Directory)?.Walk(entry => CheckStale(entry, directory, wrong));
            }
        }
    }

    private void CheckStale(IndexEntry entry, NtfsCheckerFile directory, Dictionary<long, NtfsCheckerFile> wrong)
    {
        if (wrong.TryGetValue(entry.Reference.Number, out NtfsCheckerFile? file) && !NtfsCheckerNames.HasName(file, entry.Key))
        {
            _context.Findings.Add("NtfsIndexEntryStale", $"index $I30 of {NtfsCheckerRecord.PlaceOf(directory.Number)}",
                $"'{NtfsCheckerNames.Printable(entry.Key)}' is not a name of {NtfsCheckerRecord.PlaceOf(file.Number)}");
        }
    }

    /// <summary>What a listing of the directory shows. Windows never sets it for its own files below $Extend.</summary>
    private void CheckSizes()
    {
        for (long number = NtfsCheckerFile.FirstOrdinaryNumber; number < _sizes.Length; number++)
        {
            if (_sizes[number] != 0 && _names[number] == 0 && (_flags[number] & Directory) == 0 && !IsBelowExtend(number))
            {
                _context.Findings.Add("NtfsIndexEntrySizesWrong", NtfsCheckerRecord.PlaceOf(number), "its index entry has other sizes");
            }
        }
    }

    private bool IsBelowExtend(long number)
    {
        const int Deepest = 8;
        for (int depth = 0; depth < Deepest && number < _parents.Length && number != FileReference.RootNumber; depth++)
        {
            if (number == FileReference.ExtendNumber)
            {
                return true;
            }

            number = _parents[number];
        }

        return false;
    }

    /// <summary>Every directory must be below the root directory.</summary>
    private void CheckTree()
    {
        List<long> way = [];
        _flags[FileReference.RootNumber] |= Reached;
        for (long number = 0; number < _flags.Length; number++)
        {
            way.Clear();
            long at = number;
            while ((_flags[at] & (Base | Directory | Reached)) == (Base | Directory) && way.Count <= _flags.Length)
            {
                way.Add(at);
                _flags[at] |= Reached;
                at = _parents[at] < _flags.Length ? _parents[at] : FileReference.RootNumber;
            }

            if (way.Count > 0 && way.Contains(at))
            {
                _context.Findings.Add("NtfsDirectoryCircle", NtfsCheckerRecord.PlaceOf(number), "its directories lead in a circle");
            }
        }
    }

    private void CheckSecurity()
    {
        HashSet<uint>? ids = NtfsCheckerSecurity.Open(_context)?.CheckAll();
        for (long number = 0; ids is not null && number < _securityIds.Length; number++)
        {
            if (_securityIds[number] != 0 && !ids.Contains(_securityIds[number]))
            {
                _context.Findings.Add("NtfsSecurityIdMissing", NtfsCheckerRecord.PlaceOf(number),
                    string.Create(CultureInfo.InvariantCulture, $"its security id 0x{_securityIds[number]:X} is not in $Secure"));
            }
        }
    }

    private void CheckClusters()
    {
        byte[] page = new byte[64 * 1024];
        long lost = 0;
        long bytes = Math.Min((_context.Boot.ClusterCount + 7) / 8, _context.ClusterBitmap.Length);
        for (long offset = 0; offset < bytes; offset += page.Length)
        {
            _token.ThrowIfCancellationRequested();
            int count = (int)Math.Min(page.Length, bytes - offset);
            _context.ClusterBitmap.Read(offset, page.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                if (page[i] != _clusters.ByteAt(offset + i))
                {
                    lost += CompareByte(page[i], (offset + i) * 8);
                }
            }
        }

        if (lost > 0)
        {
            _context.Findings.Add("NtfsClustersLost", "$Bitmap", string.Create(CultureInfo.InvariantCulture, $"{lost} clusters are taken, but belong to nothing"));
        }
    }

    private int CompareByte(byte marked, long first)
    {
        int lost = 0;
        for (int bit = 0; bit < 8 && first + bit < _context.Boot.ClusterCount; bit++)
        {
            bool taken = (marked & (1 << bit)) != 0;
            bool owned = _clusters[first + bit];
            lost += taken && !owned ? 1 : 0;
            if (owned && !taken)
            {
                _context.Findings.Add("NtfsClusterNotMarked", string.Create(CultureInfo.InvariantCulture, $"cluster {first + bit}"),
                    "it belongs to something, but is free in $Bitmap");
            }
        }

        return lost;
    }
}
