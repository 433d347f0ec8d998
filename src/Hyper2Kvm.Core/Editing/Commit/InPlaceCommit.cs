using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Writes an edit into the image itself, where each changed byte of the disk has a place of its own in the image's file.</summary>
/// <remarks>The journal is written and flushed, then the regions, then the journal gets the name of a finished one. Wherever that is stopped,
/// the journal is there and tells what to put back.</remarks>
internal static class InPlaceCommit
{
    /// <summary>What the edit would write; nothing is written yet.</summary>
    /// <param name="image">The image that was edited.</param>
    /// <param name="overlay">What it is to look like.</param>
    /// <param name="utcNow">Time of the edit.</param>
    /// <returns>Null when there is nothing to write.</returns>
    /// <exception cref="UnsupportedFeatureException"><c>InPlaceNotSupported</c>, <c>InPlaceBlockNotHeld</c>.</exception>
    /// <exception cref="GuestStateException"><c>ImageHasChildren</c></exception>
    public static UndoJournal? Plan(DiskImage image, OverlayBlockDevice overlay, DateTime utcNow)
    {
        CheckKind(image);
        List<HostPatch> patches = InPlaceMap.Of(image, overlay);
        if (patches.Count == 0)
        {
            return null;
        }

        ChildImages.Refuse(image);
        patches = InPlaceMap.Ordered([.. patches, .. image.ChangeMarks()], image.Path);
        List<string> paths = [.. patches.Select(patch => patch.Path).Distinct()];
        List<string> names = [.. paths.Select(path => NameBeside(path, image.Path))];
        return new UndoJournal
        {
            Created = utcNow,
            FingerprintBefore = DiskFingerprint.Of(image),
            FingerprintAfter = DiskFingerprint.Of(overlay),
            Files = [.. paths.Zip(names).Select(
                pair => new UndoFile(pair.Second, LengthOf(pair.First), File.GetLastWriteTimeUtc(pair.First), EditTime.Of(utcNow)))],
            Regions = [.. patches.Select(patch => new UndoRegion(paths.IndexOf(patch.Path), patch.Offset, patch.Before, patch.After))],
        };
    }

    /// <summary>Writes it. The image must not be open any more.</summary>
    /// <returns>Full path of the journal that undoes it.</returns>
    /// <exception cref="IOException">The host cannot write; the disk is as it was, or if not even that could be done, refused by all
    /// until the edit is taken back.</exception>
    public static string Write(string imagePath, UndoJournal journal, EditLock edit)
    {
        UndoStack stack = new(imagePath);
        byte[] bytes = journal.ToBytes(imagePath);
        edit.RefuseAllOthers();
        using JournaledFiles files = JournaledFiles.Open(journal, stack.Pending);
        if (!files.IsBefore)
        {
            throw new GuestStateException(
                "ImageChanged", imagePath, $"'{imagePath}' was changed by another program while it was edited.", "Run the edit again, with the disk at rest.");
        }

        AtomicFile.DeleteLeftovers(stack.Pending);
        AtomicFile.Write(stack.Pending, replace: false, stream => stream.Write(bytes));
        try
        {
            files.WriteAfter();
        }
        catch (IOException)
        {
            // Of two errors the first is the one to tell; a journal that stays says the rest at the next opening.
            TakeBack(files, stack.Pending);
            throw;
        }

        string undo = stack.PathOf(stack.Depth + 1);
        AtomicFile.Rename(stack.Pending, undo, replace: false);
        return undo;
    }

    private static long LengthOf(string path) => new FileInfo(RealPath.Of(path) ?? path).Length;

    /// <summary>The journal names files of its own folder only.</summary>
    private static string NameBeside(string path, string imagePath)
    {
        string real = RealPath.Of(path) ?? path;
        return Path.GetDirectoryName(real) == Path.GetDirectoryName(RealPath.Of(imagePath) ?? imagePath)
            ? Path.GetFileName(real)
            : throw new UnsupportedFeatureException("InPlaceNotSupported", "an edit in place of a disk with files in several folders,", $"'{imagePath}'", InPlaceMap.Remedy);
    }

    private static void TakeBack(JournaledFiles files, string pending)
    {
        try
        {
            files.WriteBefore();
            AtomicFile.Delete(pending);
        }
        catch (IOException)
        {
            return;
        }
    }

    private static void CheckKind(DiskImage image)
    {
        if (OverlayCommit.IsOurs(image))
        {
            throw new UnsupportedFeatureException(
                "InPlaceNotSupported", "-InPlace for an overlay of an earlier edit", $"'{image.Path}'",
                "Leave out -InPlace: the overlay is written anew with the edit. To edit its source in place, undo the overlay first.");
        }

        if (image.InPlaceObstacle is { } obstacle)
        {
            throw new UnsupportedFeatureException(
                "InPlaceNotSupported", $"an edit in place, because {obstacle},", $"'{image.Path}'", InPlaceMap.Remedy);
        }
    }
}
