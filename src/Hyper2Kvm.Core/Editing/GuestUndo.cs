using System.Diagnostics;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing;

/// <summary>The one public way to undo edits.</summary>
public static class GuestUndo
{
    /// <summary>Undoes, and adds that to the change log: takes back an unfinished edit in place; else undoes the finished ones, down to the disk as it was before the first; else
    /// removes the overlay that the image is, or that lies beside it.</summary>
    /// <exception cref="Hyper2KvmException">There is nothing to undo, or the disk has changed since; nothing was written.</exception>
    /// <exception cref="IOException">The host cannot write. An undo in place that was stopped is finished by the next one.</exception>
    public static UndoneEdit Run(GuestUndoRequest request, IReporter reporter)
    {
        Stopwatch watch = Stopwatch.StartNew();
        WarningRecorder warnings = new(reporter);
        UndoneEdit undone = Undo(request, warnings);
        ChangeLog.Append(undone, reporter, warnings.Warnings, watch.Elapsed);
        return undone;
    }

    private static UndoneEdit Undo(GuestUndoRequest request, WarningRecorder reporter)
    {
        string image = Path.GetFullPath(request.ImagePath);
        UndoStack stack = new(image);
        if (File.Exists(stack.Pending))
        {
            reporter.Warning($"An edit of '{image}' was interrupted, and is taken back.");
            return InPlace(image, 1, Interruption.Holds(() => InPlaceUndo.TakeBackUnfinished(image)));
        }

        int depth = stack.Depth;
        if (depth > 0)
        {
            int count = request.Last ? 1 : depth;
            reporter.Verbose($"Undoing {count} of {depth} edits of '{image}'.");
            return InPlace(image, count, Interruption.Holds(() => InPlaceUndo.Undo(image, count, request.Force)));
        }

        if (request.Last)
        {
            throw NothingToUndo(image, "-Last is for edits in place, and there was none: an overlay holds all edits together");
        }

        return RemoveOverlay(FindOverlay(image), request.Force, reporter);
    }

    private static UndoneEdit InPlace(string image, int edits, long bytes) => new()
    {
        ImagePath = image,
        Mode = EditMode.InPlace,
        Edits = edits,
        BytesRestored = bytes,
        RemovedPath = null,
    };

    /// <summary>The image itself, or what an edit of it has made beside it.</summary>
    private static string FindOverlay(string image)
    {
        string source;
        using (DiskImage opened = ImageDetector.Open(image))
        {
            if (OverlayCommit.IsOurs(opened))
            {
                return image;
            }

            source = opened.Path;
        }

        string beside = OverlayCommit.DefaultDestination(image);
        if (!File.Exists(beside))
        {
            throw NothingToUndo(image, "no edit in place was made of it, and no overlay of an edit lies beside it");
        }

        using DiskImage overlay = ImageDetector.Open(beside);
        return OverlayCommit.IsOurs(overlay) && RealPath.MayBeSame(overlay.Backing!.Path, source)
            ? beside
            : throw NothingToUndo(image, $"'{beside}' is not an overlay that an edit of it made");
    }

    private static UndoneEdit RemoveOverlay(string overlay, bool force, WarningRecorder reporter)
    {
        using DiskImage image = ImageDetector.Open(overlay);
        using EditLock held = EditLock.Take(image);
        ChildImages.Refuse(image);
        if (!OverlayCommit.IsAsWritten(image))
        {
            if (!force)
            {
                throw new GuestStateException(
                    "OverlayChangedSinceEdit", overlay, $"'{overlay}' was written to since the edit, as by a guest that was started from it.",
                    "-Force removes it all the same, with all that the guest wrote.");
            }

            reporter.Warning($"'{overlay}' was written to since the edit: that is lost with it, as -Force asks.");
        }

        reporter.Verbose($"Removing '{overlay}'.");
        AtomicFile.Delete(overlay);
        return new UndoneEdit { ImagePath = image.Backing!.Path, Mode = EditMode.Overlay, Edits = 1, BytesRestored = 0, RemovedPath = overlay };
    }

    private static GuestItemNotFoundException NothingToUndo(string image, string why) => new(
        "NothingToUndo", image, $"'{image}': there is nothing to undo: {why}.", "Name the image that the edit put out.");
}
