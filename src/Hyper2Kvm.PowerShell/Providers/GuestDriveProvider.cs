using System.Management.Automation;
using System.Management.Automation.Provider;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>What both read-only providers share: a drive is an open <see cref="IGuestTree"/>, and everything is found in it by path.</summary>
/// <remarks>Microsoft, "Windows PowerShell provider overview". Nothing can be written: each way to do so is overridden to say why and what to use.</remarks>
public abstract class GuestDriveProvider : NavigationCmdletProvider, IDisposable
{
    /// <summary>Far deeper than any tree of Windows; a damaged disk may hold a folder within itself.</summary>
    private const uint DeepestLevel = 512;

    private const string Instead = "A drive only reads. Edit the disk with the module's cmdlets, which verify what they do and can take it back; "
        + "Copy-WindowsItem copies files out of it.";

    private static readonly char[] s_separators = ['/', '\\'];

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the user stops the pipeline. The engine makes a provider anew for each call.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    internal abstract IGuestTree OpenTree(BrowseRoot root);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    protected override PSDriveInfo NewDrive(PSDriveInfo drive)
    {
        ArgumentNullException.ThrowIfNull(drive);
        try
        {
            ImagePathResolver resolver = new(SessionState.Path);
            BrowseRoot asked = BrowseRoot.Parse(resolver.HostPath(drive.Root) ?? drive.Root);
            bool isWhole = asked is { Partition: null, ListsPartitions: false };
            BrowseRoot root = asked with { Image = resolver.ResolveLiteral(isWhole ? drive.Root : asked.Image) };
            string suffix = root switch
            {
                { ListsPartitions: true } => $"{Path.DirectorySeparatorChar}partitions",
                { Partition: { } number } => $"{Path.DirectorySeparatorChar}partition{number}",
                _ => "",
            };
            WriteVerbose($"Opening '{root.Image}' read-only for the drive {drive.Name}.");
            return StoppableWork.Run(() => new GuestDrive(drive, root.Image + suffix, OpenTree(root)), StopToken);
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception))
        {
            ThrowTerminatingError(ErrorRecords.From(exception, drive.Root, drive.Root));
            throw;
        }
    }

    protected override PSDriveInfo RemoveDrive(PSDriveInfo drive)
    {
        (drive as GuestDrive)?.Tree.Dispose();
        return drive;
    }

    protected override bool IsValidPath(string path) => !string.IsNullOrEmpty(path);

    protected override bool ItemExists(string path) => Guarded(path, () => Find(path) is not null);

    protected override bool IsItemContainer(string path) => Guarded(path, () => Find(path) is { IsContainer: true });

    /// <remarks>The engine asks for the name of each item that is written. Its own way looks each up in the tree again, so that a folder of
    /// 100,000 files takes half a minute.</remarks>
    protected override string GetChildName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string trimmed = path.TrimEnd('/', '\\');
        return trimmed[(trimmed.LastIndexOfAny(s_separators) + 1)..];
    }

    protected override bool HasChildItems(string path) => Guarded(
        path, () => Find(path) is { IsContainer: true } && TryDriveOf(path, out string within)!.Tree.Children(within).Any());

    protected override void SetItem(string path, object value) => WriteError(ReadOnly(path));

    protected override void ClearItem(string path) => WriteError(ReadOnly(path));

    protected override void NewItem(string path, string itemTypeName, object newItemValue) => WriteError(ReadOnly(path));

    protected override void RemoveItem(string path, bool recurse) => WriteError(ReadOnly(path));

    protected override void RenameItem(string path, string newName) => WriteError(ReadOnly(path));

    protected override void MoveItem(string path, string destination) => WriteError(ReadOnly(path));

    protected override void CopyItem(string path, string copyPath, bool recurse) => WriteError(ReadOnly(copyPath));

    /// <remarks>With -Include and -Exclude Get-ChildItem asks for each item that way, with the parameters that it has.</remarks>
    protected override void GetItem(string path) => Guarded(path, () =>
    {
        GuestNode node = Find(path) ?? throw NotFound(path);
        if (IsAskedFor(node))
        {
            Write(node, path);
        }

        return true;
    });

    protected override void GetChildItems(string path, bool recurse) => GetChildItems(path, recurse, uint.MaxValue);

    protected override void GetChildItems(string path, bool recurse, uint depth) => Guarded(path, () =>
    {
        GuestDrive drive = DriveOf(path, out string within);
        GuestNode node = drive.Tree.Find(within) ?? throw NotFound(path);
        if (node.IsContainer)
        {
            WriteChildren(drive, path, within, recurse ? Math.Min(depth, DeepestLevel) : 0);
        }
        else if (IsAskedFor(node))
        {
            Write(node, path);
        }

        return true;
    });

    /// <remarks>The name of what cannot be read can be, so it is among the names; who asks for the item hears the rest.</remarks>
    protected override void GetChildNames(string path, ReturnContainers returnContainers) => Guarded(path, () =>
    {
        foreach (GuestNode node in DriveOf(path, out string within).Tree.Children(within))
        {
            Interruption.Check();
            if (!IsAskedFor(node) && !(node.IsContainer && returnContainers == ReturnContainers.ReturnAllContainers))
            {
                continue;
            }

            if (node.Name.Length > 0)
            {
                WriteItemObject(node.Name, path, node.IsContainer);
            }
            else
            {
                Write(node, path);
            }
        }

        return true;
    });

    /// <summary>Whether the dynamic parameters of Get-ChildItem let an item through.</summary>
    protected virtual bool IsAskedFor(object item) => true;

    /// <summary>The drive that a provider path lies on; the path below its root.</summary>
    /// <remarks>A path that comes by PSPath names no drive, only the provider, so the root tells.</remarks>
    /// <exception cref="GuestItemNotFoundException"><c>DriveNotFound</c>.</exception>
    internal GuestDrive DriveOf(string path, out string within) => TryDriveOf(path, out within) ?? throw new GuestItemNotFoundException(
            "DriveNotFound", path, $"{path}: no drive of {ProviderInfo.Name} shows this disk.",
        $"Open it first: New-PSDrive -Name NAME -PSProvider {ProviderInfo.Name} -Root IMAGE");

    /// <summary>Does work of which a failure is the error of this path alone.</summary>
    protected bool Guarded(string path, Func<bool> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return StoppableWork.Run(work, StopToken);
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception))
        {
            WriteError(ErrorRecords.From(exception, path, null));
            return false;
        }
    }

    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>The error for everything that would write.</summary>
    /// <remarks>To be written, not thrown: of what a provider throws, Set-Content and its like show the exception's type for an id.</remarks>
    protected static ErrorRecord ReadOnly(string path) => ErrorRecords.From(
        new UnsupportedFeatureException(
            "DriveReadOnly", "writing through a drive", path, Instead),
        path,
        null);

    private static GuestItemNotFoundException NotFound(string path) => new("GuestPathNotFound", path, $"{PlainText.Escape(path)} is not there.");

    /// <summary>While it expands wildcards PowerShell also asks for paths from the drive's root on, and for folders of the host above it.</summary>
    private GuestDrive? TryDriveOf(string path, out string within)
    {
        foreach (PSDriveInfo drive in ProviderInfo.Drives.Prepend(PSDriveInfo))
        {
            if (drive is GuestDrive ours && ours.Within(path) is { } rest)
            {
                within = rest;
                return ours;
            }
        }

        within = path;
        return PSDriveInfo as GuestDrive;
    }

    private GuestNode? Find(string path) => TryDriveOf(path, out string within)?.Tree.Find(within);

    /// <summary>Whether -Filter and the provider's own parameters let it through. What could not be read is judged by its name alone, if it has one.</summary>
    private bool IsAskedFor(GuestNode node) =>
        (string.IsNullOrEmpty(Filter) || node.Name.Length == 0 || WildcardPattern.Get(Filter, WildcardOptions.IgnoreCase).IsMatch(node.Name))
        && (node.Item is null || IsAskedFor(node.Item));

    /// <summary>What could be read of it goes out as an item; what could not is the error of this path alone.</summary>
    private void Write(GuestNode node, string path)
    {
        if (node.Fault is { } fault)
        {
            WriteError(ErrorRecords.From(fault, path, PlainText.Escape(path)));
        }

        if (node.Item is { } item)
        {
            WriteItemObject(item, path, node.IsContainer);
        }
    }

    /// <summary>First all that lies here, then what lies below, as the file system's provider does it.</summary>
    private void WriteChildren(GuestDrive drive, string path, string within, uint depth)
    {
        List<string> below = [];
        foreach (GuestNode node in drive.Tree.Children(within))
        {
            Interruption.Check();
            if (IsAskedFor(node))
            {
                Write(node, node.Name.Length > 0 ? MakePath(path, node.Name) : path);
            }

            if (depth > 0 && node is { IsContainer: true, IsAlias: false })
            {
                below.Add(node.Name);
            }
        }

        foreach (string name in below)
        {
            string next = MakePath(path, name);
            Guarded(next, () =>
            {
                WriteChildren(drive, next, $"{within}\\{name}", depth - 1);
                return true;
            });
        }
    }
}
