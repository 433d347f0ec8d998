using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Takes edits in place back: unfinished ones from wherever they stopped, finished ones while the disk is as they left it.</summary>
internal static class InPlaceUndo
{
    /// <summary>Puts back what an unfinished edit, or an unfinished undo, has overwritten so far.</summary>
    /// <param name="imagePath">Full path of the image.</param>
    /// <returns>Bytes of the regions.</returns>
    /// <exception cref="GuestStateException"><c>UndoJournalForeign</c>, <c>ImageInUse</c>.</exception>
    /// <exception cref="DiskFormatException"><c>UndoJournalDamaged</c></exception>
    public static long TakeBackUnfinished(string imagePath)
    {
        string pending = new UndoStack(imagePath).Pending;
        UndoJournal journal = UndoJournal.Read(pending);
        using EditLock held = Lock(journal, pending);
        held.RefuseAllOthers();
        using JournaledFiles files = JournaledFiles.Open(journal, pending);
        if (!files.IsBetween)
        {
            throw new GuestStateException(
                "UndoJournalForeign", imagePath, $"'{imagePath}' is not the disk of the journal '{pending}', or was changed after its edit was interrupted.",
                "Take the disk from a backup. If it was already, move the journal away.");
        }

        files.WriteBefore();
        AtomicFile.Delete(pending);
        AtomicFile.DeleteLeftovers(pending);
        return journal.RegionBytes;
    }

    /// <summary>Undoes finished edits, the last one first.</summary>
    /// <param name="imagePath">Full path of the image.</param>
    /// <param name="count">How many.</param>
    /// <param name="ignoresTimes">The files may have another time of writing than the edit gave them, as after a copy.</param>
    /// <returns>Bytes of the regions.</returns>
    /// <exception cref="GuestStateException"><c>DiskChangedSinceEdit</c>, <c>ImageHasChildren</c>, <c>ImageInUse</c>: nothing was written.</exception>
    public static long Undo(string imagePath, int count, bool ignoresTimes)
    {
        UndoStack stack = new(imagePath);
        int depth = stack.Depth;
        List<(string Path, UndoJournal Journal)> journals = [];
        for (int number = depth; number > depth - count; number--)
        {
            journals.Add((stack.PathOf(number), UndoJournal.Read(stack.PathOf(number))));
        }

        CheckChain(imagePath, journals);
        using EditLock held = Lock(journals[0].Journal, journals[0].Path);
        CheckDisk(imagePath, journals[0].Journal);
        held.RefuseAllOthers();
        foreach ((string path, UndoJournal journal) in journals)
        {
            using JournaledFiles files = JournaledFiles.Open(journal, path);
            if (!files.IsAfter)
            {
                throw Changed(imagePath, "not all that the edit wrote is still there");
            }

            if (!ignoresTimes && !files.AreTimesAfter)
            {
                throw Changed(imagePath, "a file of it was written to later, though nothing that is watched has changed (-Force passes over that, for a disk that was only copied)");
            }

            AtomicFile.Rename(path, stack.Pending, replace: false);
            files.WriteBefore();
            AtomicFile.Delete(stack.Pending);
        }

        return journals.Sum(pair => pair.Journal.RegionBytes);
    }

    private static EditLock Lock(UndoJournal journal, string journalPath)
    {
        string folder = Path.GetDirectoryName(journalPath)!;
        return EditLock.Take(journal.Files.Select(file => Existing(Path.Combine(folder, file.Name), journalPath)), areReplaced: false);
    }

    private static string Existing(string path, string journalPath) => File.Exists(path) ? path : throw new GuestItemNotFoundException(
        "UndoFileMissing", path, $"The undo journal '{journalPath}' is about '{path}', which is not there.", "Put it back beside the journal.");

    /// <summary>Between two edits nobody else may have written, or the earlier one cannot be undone.</summary>
    private static void CheckChain(string imagePath, List<(string Path, UndoJournal Journal)> journals)
    {
        for (int i = 1; i < journals.Count; i++)
        {
            if (!journals[i - 1].Journal.FingerprintBefore.AsSpan().SequenceEqual(journals[i].Journal.FingerprintAfter))
            {
                throw Changed(imagePath, $"it was written to between two edits; with -Last the last {i} can be undone one by one");
            }
        }
    }

    /// <summary>What was written outside the regions of the edit may depend on them: a guest that ran, for one.</summary>
    private static void CheckDisk(string imagePath, UndoJournal last)
    {
        using DiskImage image = ImageDetector.Open(imagePath);
        if (!DiskFingerprint.Of(image).AsSpan().SequenceEqual(last.FingerprintAfter))
        {
            throw Changed(imagePath, "the guest was started, or another program wrote to its volumes");
        }

        ChildImages.Refuse(image);
    }

    private static GuestStateException Changed(string imagePath, string how) => new(
        "DiskChangedSinceEdit", imagePath, $"'{imagePath}' has changed since the edit: {how}. To put back single parts now would damage it.",
        "Go back to a backup or a snapshot of before the edit. To keep the disk as it is, move its .h2kv-undo files away.");
}
