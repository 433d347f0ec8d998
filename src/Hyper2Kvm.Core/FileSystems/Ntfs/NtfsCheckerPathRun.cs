using System.Globalization;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Checks some files with all that they depend on, and no more.</summary>
internal sealed class NtfsCheckerPathRun(NtfsCheckerContext context)
{
    /// <summary>Directories with more blocks are walked only along the way to the name.</summary>
    private const long BlockLimit = 512;

    private readonly Dictionary<long, NtfsCheckerFile> _files = [];
    private readonly HashSet<long> _walked = [];
    private readonly HashSet<uint> _securityIds = [];

    public void Check(IReadOnlyList<GuestPath> paths)
    {
        NtfsCheckerSystem.Check(context);
        foreach (long number in (long[])[FileReference.MftNumber, FileReference.MirrorNumber, FileReference.LogFileNumber,
            FileReference.VolumeNumber, FileReference.RootNumber, FileReference.BitmapNumber, FileReference.SecureNumber, FileReference.UpcaseNumber])
        {
            Add(number);
        }

        foreach (GuestPath path in paths)
        {
            Follow(path);
        }

        CheckRuns();
        NtfsCheckerSecurity? security = _securityIds.Count == 0 ? null : NtfsCheckerSecurity.Open(context);
        foreach (uint id in _securityIds)
        {
            if (security?.CheckOne(id) == false)
            {
                context.Findings.Add("NtfsSecurityIdMissing", string.Create(CultureInfo.InvariantCulture, $"security id 0x{id:X}"), "it is not in $Secure");
            }
        }
    }

    private void Follow(GuestPath path)
    {
        NtfsCheckerFile? file = Add(FileReference.RootNumber);
        foreach (string part in path.Parts)
        {
            IndexEntry? found = file is null ? null : WalkDirectory(file)?.Find(entry => context.CompareIgnoringCase(part, FileNameView.NameOf(entry.Key)));
            file = found is { } entry ? Add(entry.Reference.Number) : null;
            if (file is not null && NtfsCheckerNames.IsDirectory(found!.Value.Key) != file.Record.IsDirectory)
            {
                context.Findings.Add("NtfsIndexEntryKindWrong", path.ToString(), $"the entry of '{part}' takes a file for a directory, or the reverse");
            }

            if (file is null || found!.Value.Reference.Sequence != file.Record.Sequence || !NtfsCheckerNames.HasName(file, found.Value.Key))
            {
                context.Findings.Add("NtfsPathMissing", path.ToString(), $"'{part}' is not there, or its entry names another file");
                return;
            }

            if (!file.Record.IsDirectory && NtfsCheckerNames.HashSizes(found.Value.Key) != NtfsCheckerNames.HashSizes(file))
            {
                context.Findings.Add("NtfsIndexEntrySizesWrong", path.ToString(), "its index entry has other sizes");
            }
        }

        if (file is { Record.IsDirectory: true })
        {
            WalkDirectory(file);
        }
    }

    /// <summary>Checks a file once, and remembers it.</summary>
    private NtfsCheckerFile? Add(long number)
    {
        if (_files.TryGetValue(number, out NtfsCheckerFile? known))
        {
            return known;
        }

        NtfsCheckerFile? file = context.LoadFile(number);
        if (file is null)
        {
            context.Findings.Add("NtfsFileRecordDamaged", NtfsCheckerRecord.PlaceOf(number), "it should be a base record in use");
            return null;
        }

        _files.Add(number, file);
        file.Check();
        CheckMarked(number);
        foreach (long extension in file.Extensions)
        {
            CheckMarked(extension);
        }

        NtfsCheckerNames.CheckEntries(context, file);
        if (file.SecurityId != 0)
        {
            _securityIds.Add(file.SecurityId);
        }
        else if (number >= NtfsCheckerFile.FirstOrdinaryNumber && file.Find(AttributeType.SecurityDescriptor, "") is null)
        {
            // Windows itself leaves some of its own files in $Extend so; no path leads here to those.
            context.Findings.Add("NtfsSecurityIdMissing", NtfsCheckerRecord.PlaceOf(number), "it has neither a security id nor a security descriptor");
        }

        return file;
    }

    private void CheckMarked(long number)
    {
        if (!context.IsMarkedInUse(number))
        {
            context.Findings.Add("NtfsMftBitmapWrong", NtfsCheckerRecord.PlaceOf(number), "it is in use, but free in $MFT's bitmap");
        }
    }

    /// <summary>The whole index of a directory that is not huge; what its entries name must be in use.</summary>
    private NtfsCheckerIndex? WalkDirectory(NtfsCheckerFile directory)
    {
        NtfsCheckerIndex? index = NtfsCheckerIndex.Open(context, directory, IndexTree.Directory);
        if (index is not null && _walked.Add(directory.Number) && index.BlockCount <= BlockLimit)
        {
            index.Walk(entry => CheckEntry(entry, directory));
        }

        return index;
    }

    private void CheckEntry(IndexEntry entry, NtfsCheckerFile directory)
    {
        string place = $"index $I30 of {NtfsCheckerRecord.PlaceOf(directory.Number)}";
        FileReference parent = new(Binary.Le.U64(entry.Key, 0));
        if (parent.Number != directory.Number || parent.Sequence != directory.Record.Sequence)
        {
            context.Findings.Add("NtfsIndexEntryParentWrong", place, $"'{NtfsCheckerNames.Printable(entry.Key)}' names another directory");
        }

        if (entry.Reference.Number >= context.RecordCount || !context.IsMarkedInUse(entry.Reference.Number))
        {
            context.Findings.Add("NtfsIndexEntryStale", place,
                $"'{NtfsCheckerNames.Printable(entry.Key)}' names record {entry.Reference}, which is not in use or another file's");
        }
    }

    /// <summary>Clusters of all these files must be taken in $Bitmap, and belong to one of them only.</summary>
    private void CheckRuns()
    {
        List<(DataRun Run, long Number, NtfsCheckerAttribute Attribute)> runs = [];
        foreach (NtfsCheckerFile file in _files.Values)
        {
            foreach (NtfsCheckerAttribute attribute in file.Attributes)
            {
                foreach (DataRun run in attribute.Runs)
                {
                    if (!run.IsSparse)
                    {
                        runs.Add((run, file.Number, attribute));
                    }
                }
            }
        }

        runs.Sort((left, right) => left.Run.Lcn.CompareTo(right.Run.Lcn));
        long end = 0;
        foreach ((DataRun run, long number, NtfsCheckerAttribute attribute) in runs)
        {
            if (run.Lcn < end)
            {
                context.Findings.Add("NtfsClusterOwnedTwice", NtfsCheckerRecord.PlaceOf(number),
                    string.Create(CultureInfo.InvariantCulture, $"cluster {run.Lcn} of {attribute} belongs to something else too"));
            }

            end = Math.Max(end, run.Lcn + run.Count);
            long clear = context.ClusterBits.FindClear(run.Lcn, run.Count);
            if (clear >= 0)
            {
                context.Findings.Add("NtfsClusterNotMarked", string.Create(CultureInfo.InvariantCulture, $"cluster {clear}"),
                    "it belongs to something, but is free in $Bitmap");
            }
        }
    }
}
