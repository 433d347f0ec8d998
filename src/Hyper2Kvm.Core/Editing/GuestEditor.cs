using System.Diagnostics;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing;

/// <summary>The one public way to edit a guest.</summary>
public static class GuestEditor
{
    /// <summary>Edits the guest in memory, verifies the result and, unless this is a rehearsal, writes it as a QCOW2 overlay.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="reporter">Hears each step.</param>
    /// <param name="token">Stops between steps; nothing is written then.</param>
    /// <exception cref="Hyper2KvmException">The guest, the drivers or the destination do not allow it; nothing was written.</exception>
    /// <exception cref="IOException">The host cannot read or write; nothing was left behind.</exception>
    public static GuestEdit Run(GuestEditRequest request, IReporter reporter, CancellationToken token)
    {
        Stopwatch watch = Stopwatch.StartNew();
        WarningRecorder warnings = new(reporter);
        TakeBackUnfinished(request, warnings);
        (string image, string destination) = Resolve(request);
        warnings.Verbose($"Opening '{image}' read-only, with an overlay in memory.");
        using DiskTransaction transaction = DiskTransaction.Open(image, request.Layout.WindowsPartition.Number, DateTime.UtcNow);
        IReadOnlyList<EditAction> actions = request.Preview ? [.. request.RehearsedActions, .. request.Actions] : request.Actions;
        transaction.Apply(actions, warnings, token);
        NoteUnsignedDrivers(request.Actions, warnings);
        transaction.Verify(warnings, token);
        WarnOfDamage(transaction.Findings, warnings);
        WarnOfWhatIsLeft(transaction, request, destination, warnings);

        // From the commit to its line in the change log nothing is said that could end a pipeline that is being stopped.
        token.ThrowIfCancellationRequested();
        (long bytes, EditEvidence? evidence, string? undoPath) = request.InPlace
            ? CommitInPlace(transaction, request, warnings)
            : Commit(transaction, request, image, destination, warnings);
        GuestEdit edit = Describe(transaction, request, actions, destination) with
        {
            ImagePath = request.Preview ? image : destination,
            BytesChanged = bytes,
            UndoPath = undoPath,
            Warnings = warnings.Warnings,
            LogPath = evidence is null ? null : ChangeLog.PathFor(destination),
            Duration = watch.Elapsed,
        };
        if (evidence is not null)
        {
            ChangeLog.Append(edit, evidence, reporter);
        }

        return edit;
    }

    private static GuestEdit Describe(
        DiskTransaction transaction, GuestEditRequest request, IReadOnlyList<EditAction> actions, string destination)
    {
        HashSet<string> own = [.. request.Actions.Select(action => action.Step)];
        return new GuestEdit
        {
            Layout = transaction.Layout with
            {
                ImagePath = transaction.SourcePath,
                Format = transaction.SourceFormat,
                Machine = request.Layout.Machine,
                DataDisks = request.Layout.DataDisks,
            },
            Plan = request.Plan,
            ImagePath = destination,
            SourcePath = transaction.SourcePath,
            Mode = request.Preview ? EditMode.Preview : request.InPlace ? EditMode.InPlace : EditMode.Overlay,
            Actions = actions,
            Changes = [.. transaction.Changes.Where(change => own.Contains(change.Step))],
            BytesChanged = 0,
            Duration = TimeSpan.Zero,
            Undo = request.Preview ? "Nothing was written." : UndoCommand(destination),
            Findings = transaction.Findings,
        };
    }

    /// <summary>What the user types to undo the edit that made this image.</summary>
    internal static string UndoCommand(string path) => $"Undo-GuestEdit -LiteralPath {Quoted(path)}";

    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";

    private static void WarnOfWhatIsLeft(DiskTransaction transaction, GuestEditRequest request, string destination, WarningRecorder reporter)
    {
        if (request.Actions.OfType<DeviceDatabaseAction>().Any() && !transaction.Layout.IsVirtioBootReady)
        {
            reporter.Warning("The devices are bound, but the guest is not boot-ready yet: run Add-BootStartStorage as well.");
        }

        if (!request.InPlace && !request.StandsForCopy && !transaction.SourceFormat.IsKnownToLibvirt())
        {
            reporter.Warning(
                $"QEMU reads '{destination}' over its {transaction.SourceFormat} source, but libvirt does not: "
                + $"convert it before its domain is started: Convert-DiskImage -LiteralPath {Quoted(destination)}");
        }
    }

    /// <summary>Who asked for the plan was warned; the record of the edit says that somebody overrode the refusal.</summary>
    private static void NoteUnsignedDrivers(IEnumerable<EditAction> actions, WarningRecorder reporter)
    {
        foreach (PlannedPackage package in actions.SelectMany(PackagesOf).Where(package => package.SignatureObstacle is not null))
        {
            reporter.Note($"{package} was put in by explicit wish (-AllowUnsignedDriver) though this Windows does not load it: {package.SignatureObstacle}.");
        }
    }

    private static IEnumerable<PlannedPackage> PackagesOf(EditAction action) => action switch
    {
        BootStartStorageAction storage => storage.Plan.Storage,
        DriverPackagesAction packages => packages.Packages,
        _ => [],
    };

    private static void WarnOfDamage(IReadOnlyList<DiskFinding> findings, WarningRecorder reporter)
    {
        if (findings.Where(finding => finding.IsDamage).Select(finding => finding.Id).Distinct().ToList() is { Count: > 0 } ids)
        {
            reporter.Warning(
                $"The guest was damaged before the edit, which leaves that as it is: {string.Join(", ", ids)}. "
                + "Test-WindowsDisk tells more; have Windows mend it where it came from (chkdsk /f).");
        }
    }

    /// <summary>An edit in place that was killed leaves a disk that is neither the old one nor the new one.</summary>
    private static void TakeBackUnfinished(GuestEditRequest request, WarningRecorder reporter)
    {
        string image = Path.GetFullPath(request.ImagePath);
        if (!request.Preview && File.Exists(new UndoStack(image).Pending))
        {
            Interruption.Holds(() => InPlaceUndo.TakeBackUnfinished(image));
            reporter.Warning($"An earlier edit of '{image}' was interrupted, and has been taken back first: Get-GuestEdit lists the edits that stand.");
        }
    }

    private static (long Bytes, EditEvidence? Evidence, string? UndoPath) Commit(
        DiskTransaction transaction, GuestEditRequest request, string image, string destination, WarningRecorder reporter)
    {
        if (request.Preview || (transaction.DirtyBytes == 0 && image == destination))
        {
            return (transaction.DirtyBytes, null, null);
        }

        reporter.Verbose($"Writing '{destination}'.");
        EditEvidence evidence = transaction.CollectEvidence();
        return (transaction.Commit(destination, request.Force, reporter), evidence, null);
    }

    private static (long Bytes, EditEvidence? Evidence, string? UndoPath) CommitInPlace(
        DiskTransaction transaction, GuestEditRequest request, WarningRecorder reporter)
    {
        UndoJournal? journal = transaction.PlanInPlace();
        if (journal is null || request.Preview)
        {
            return (journal?.RegionBytes ?? 0, null, null);
        }

        reporter.Verbose($"Writing into '{request.ImagePath}'.");
        EditEvidence evidence = transaction.CollectEvidence();
        return (journal.RegionBytes, evidence, transaction.CommitInPlace(journal));
    }

    /// <summary>An overlay of ours is edited itself; an edit of its source goes on where the earlier one stopped.</summary>
    private static (string Image, string Destination) Resolve(GuestEditRequest request)
    {
        string image = Path.GetFullPath(request.ImagePath);
        string destination;
        using (DiskImage opened = ImageDetector.Open(image))
        {
            if (request.InPlace)
            {
                return request.Destination is null ? (image, image) : throw new GuestStateException(
                    "DestinationInPlace", image, "An edit in place has no other destination than the image itself.", "Give either -InPlace or -Destination.");
            }

            if (!(request.Preview && request.StandsForCopy))
            {
                OverlayCommit.CheckBacking(opened);
            }

            bool isOurs = OverlayCommit.IsOurs(opened);
            destination = Path.GetFullPath(request.Destination ?? (isOurs ? image : OverlayCommit.DefaultDestination(image)));
            if (isOurs && destination == image)
            {
                return (image, image);
            }

            if (opened.Files.Any(file => RealPath.MayBeSame(file, destination)))
            {
                throw new GuestStateException(
                    "DestinationIsSource",
                    destination,
                    $"'{destination}' is the image to be edited, or one that it stands on: it would be lost.",
                    "Give another -Destination.");
            }
        }

        if (!File.Exists(destination) || request.Force)
        {
            return (image, destination);
        }

        return IsOurOverlayOf(destination, image) ? (destination, destination) : throw AtomicFile.Exists(destination);
    }

    /// <summary>A file that cannot even be opened as an image is certainly not ours.</summary>
    private static bool IsOurOverlayOf(string file, string source)
    {
        try
        {
            using DiskImage existing = ImageDetector.Open(file);
            return OverlayCommit.IsOurs(existing) && existing.Backing!.Path == source;
        }
        catch (Hyper2KvmException)
        {
            return false;
        }
    }
}
