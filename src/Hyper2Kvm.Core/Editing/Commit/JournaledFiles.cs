using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>The files that a journal is about, open for nobody else: what writes an edit into them, and what takes it out again.</summary>
internal sealed class JournaledFiles : IDisposable
{
    private const int Sector = 512;

    private readonly UndoJournal _journal;
    private readonly string _journalPath;
    private readonly List<FileStream> _streams = [];

    private JournaledFiles(UndoJournal journal, string journalPath)
    {
        _journal = journal;
        _journalPath = journalPath;
    }

    /// <exception cref="GuestStateException"><c>ImageInUse</c>, <c>UndoJournalForeign</c>.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>UndoFileMissing</c></exception>
    public static JournaledFiles Open(UndoJournal journal, string journalPath)
    {
        JournaledFiles files = new(journal, journalPath);
        bool isComplete = false;
        try
        {
            foreach (UndoFile file in journal.Files)
            {
                files.Open(file);
            }

            isComplete = true;
            return files;
        }
        finally
        {
            if (!isComplete)
            {
                files.Dispose();
            }
        }
    }

    /// <summary>The regions hold what was there before the edit.</summary>
    public bool IsBefore => _journal.Regions.All(region => Read(region).AsSpan().SequenceEqual(region.Before));

    /// <summary>The regions hold what the edit put there.</summary>
    public bool IsAfter => _journal.Regions.All(region => Read(region).AsSpan().SequenceEqual(region.After));

    /// <summary>The regions hold the one or the other, sector by sector, or a sector of which only a part was written: as an edit leaves them that is stopped anywhere.</summary>
    public bool IsBetween => _journal.Regions.All(IsMixed);

    /// <summary>No file was written to since the edit, if the times of the host are to be believed.</summary>
    public bool AreTimesAfter => _journal.Files.Zip(_streams).All(
        pair => File.GetLastWriteTimeUtc(pair.Second.SafeFileHandle) == pair.First.WrittenAfter);

    /// <summary>Overwrites the regions with the edit, durably.</summary>
    public void WriteAfter() => Write(region => region.After, file => file.WrittenAfter);

    /// <summary>Puts back what was there, durably.</summary>
    public void WriteBefore() => Write(region => region.Before, file => file.WrittenBefore);

    public void Dispose() => _streams.ForEach(stream => stream.Dispose());

    private void Open(UndoFile file)
    {
        string path = Path.Combine(Path.GetDirectoryName(_journalPath)!, file.Name);
        if (!File.Exists(path))
        {
            throw new GuestItemNotFoundException(
                "UndoFileMissing", path, $"The undo journal '{_journalPath}' is about '{path}', which is not there.", "Put it back beside the journal.");
        }

        // On Windows that fails when another program has it open; elsewhere EditLock has seen to it.
        FileStream stream = HostFileLock.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        _streams.Add(stream);
        if (stream.Length != file.Length)
        {
            throw new GuestStateException(
                "UndoJournalForeign", path,
                $"The undo journal '{_journalPath}' does not belong to '{path}': it knows a file of {file.Length} bytes, and this one has {stream.Length}.",
                "If the disk was replaced, as from a backup, move the journal away.");
        }
    }

    private void Write(Func<UndoRegion, byte[]> content, Func<UndoFile, DateTime> time)
    {
        foreach (UndoRegion region in _journal.Regions)
        {
            FileStream stream = _streams[region.File];
            stream.Position = region.Offset;
            stream.Write(content(region));
        }

        for (int i = 0; i < _streams.Count; i++)
        {
            _streams[i].Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(_streams[i].SafeFileHandle, time(_journal.Files[i]));
        }
    }

    private bool IsMixed(UndoRegion region)
    {
        byte[] found = Read(region);
        for (int at = 0; at < found.Length;)
        {
            // Sectors of the file: the edit's regions begin anywhere.
            int length = (int)Math.Min(Sector - ((region.Offset + at) % Sector), found.Length - at);
            ReadOnlySpan<byte> sector = found.AsSpan(at, length);
            ReadOnlySpan<byte> before = region.Before.AsSpan(at, length);
            ReadOnlySpan<byte> after = region.After.AsSpan(at, length);
            if (!IsTorn(sector, before, after) && !IsTorn(sector, after, before))
            {
                return false;
            }

            at += length;
        }

        return true;
    }

    /// <summary>The sector begins as the one and goes on as the other; the whole of either is such a one too.</summary>
    private static bool IsTorn(ReadOnlySpan<byte> sector, ReadOnlySpan<byte> begins, ReadOnlySpan<byte> goesOn)
    {
        int at = sector.CommonPrefixLength(begins);
        return sector[at..].SequenceEqual(goesOn[at..]);
    }

    private byte[] Read(UndoRegion region)
    {
        byte[] bytes = new byte[region.Before.Length];
        _streams[region.File].Position = region.Offset;
        _streams[region.File].ReadExactly(bytes);
        return bytes;
    }
}
