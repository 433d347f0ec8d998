using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing;

/// <summary>One edit of one disk, wholly or not at all: open, apply, verify, commit. Disposed before the commit, it leaves no trace.</summary>
internal sealed class DiskTransaction : IDisposable
{
    /// <summary>A SYSTEM hive and the metadata around it, so that verification reads the disk only once.</summary>
    private const int CacheBytes = 40 * 1024 * 1024;

    private readonly DiskImage _image;
    private readonly EditLock _lock;
    private readonly CachedBlockDevice _cache;
    private readonly OverlayBlockDevice _overlay;
    private readonly ChangeRecorder _recorder = new();
    private readonly int _windowsPartition;
    private readonly DateTime _utcNow;
    private readonly List<EditAction> _applied = [];
    private EditableGuest? _guest;

    private DiskTransaction(DiskImage image, EditLock held, int windowsPartition, DateTime utcNow)
    {
        _image = image;
        _lock = held;
        _cache = new CachedBlockDevice(image, CacheBytes);
        _overlay = new OverlayBlockDevice(_cache);
        _windowsPartition = windowsPartition;
        _utcNow = utcNow;
        Layout = LayoutProbe.Probe(image, _overlay, windowsPartition);
    }

    /// <summary>The guest as it was found on this very image, not as the plan remembers it.</summary>
    public WindowsLayout Layout { get; private set; }

    public IReadOnlyList<GuestChange> Changes => _recorder.Changes;

    /// <summary>Damage in what the edit touched that was there before it.</summary>
    public IReadOnlyList<DiskFinding> Findings { get; private set; } = [];

    /// <summary>The image is an overlay of ours, which a commit rewrites.</summary>
    public bool IsOverlay => OverlayCommit.IsOurs(_image);

    /// <summary>The image that the edit stands on and leaves as it is.</summary>
    public string SourcePath => Source.Path;

    /// <summary>Format of that image.</summary>
    public ImageFormat SourceFormat => Source.Format;

    private DiskImage Source => IsOverlay ? _image.Backing! : _image;

    public long DirtyBytes => _overlay.DirtyBytes;

    /// <param name="imagePath">The image to edit.</param>
    /// <param name="windowsPartition">Number of the partition whose Windows is edited.</param>
    /// <param name="utcNow">The one time that the edit stamps everywhere.</param>
    /// <exception cref="GuestStateException">The guest is in a state in which it must not be edited, or the disk is in use.</exception>
    public static DiskTransaction Open(string imagePath, int windowsPartition, DateTime utcNow)
    {
        DiskImage image = ImageDetector.Open(imagePath);
        EditLock? held = null;
        try
        {
            held = EditLock.Take(image);
            DiskTransaction transaction = new(image, held, windowsPartition, utcNow);
            EditGuard.Check(transaction.Layout);
            return transaction;
        }
        catch
        {
            image.Dispose();
            held?.Dispose();
            throw;
        }
    }

    public void Apply(IEnumerable<EditAction> actions, IReporter reporter, CancellationToken token)
    {
        _guest = EditableGuest.Open(_overlay, Layout, _recorder, _utcNow);
        foreach (EditAction action in actions)
        {
            token.ThrowIfCancellationRequested();
            reporter.Verbose($"{action.Step}: editing the guest.");
            _recorder.Step = action.Step;
            EditSteps.Create(action).Apply(_guest);
            _applied.Add(action);
        }

        _guest.Complete();
    }

    /// <summary>Reads the result with fresh parsers: the checkers find no new damage, and the steps find nothing left to do.</summary>
    /// <exception cref="GuestStateException"><c>EditVerificationFailed</c>: nothing is committed.</exception>
    public void Verify(IReporter reporter, CancellationToken token)
    {
        _overlay.Freeze();
        token.ThrowIfCancellationRequested();
        reporter.Verbose("Verifying the edit with a second reading.");
        EditVerifier verifier = new(_image, _overlay, Layout, _utcNow);
        Findings = verifier.CheckStructures(_guest!.Volumes);
        verifier.CheckNothingLeftToDo(_applied);
        Layout = LayoutProbe.Probe(_image, _overlay, _windowsPartition);
    }

    /// <summary>What the log keeps of the bytes: of the disk beneath, and of each changed range before and after.</summary>
    public EditEvidence CollectEvidence() => EditEvidence.Collect(Source, _cache, _overlay);

    /// <summary>The end of the transaction: a new overlay is written.</summary>
    /// <returns>Bytes that the overlay holds of its own.</returns>
    public long Commit(string destination, bool replace, IReporter reporter) => OverlayCommit.Write(
        _image, _overlay, destination, replace, _utcNow, new ByteProgress(reporter, $"Writing '{destination}'").Report, Dispose);

    /// <summary>What an edit in place would write; null when nothing is to be changed.</summary>
    /// <exception cref="Hyper2KvmException">It cannot be made in place; nothing was written.</exception>
    public UndoJournal? PlanInPlace() => InPlaceCommit.Plan(_image, _overlay, _utcNow);

    /// <summary>The end of the transaction: the image is closed, and written to. Nothing stops that once it has begun.</summary>
    /// <returns>Full path of the journal that undoes it.</returns>
    public string CommitInPlace(UndoJournal journal)
    {
        Close();
        return Interruption.Holds(() => InPlaceCommit.Write(_image.Path, journal, _lock));
    }

    public void Dispose()
    {
        Close();
        _lock.Dispose();
    }

    private void Close()
    {
        _cache.Dispose();
        _image.Dispose();
    }
}
