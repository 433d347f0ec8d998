using System.Management.Automation;
using System.Management.Automation.Provider;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>What both read-only providers share: a drive is an open <see cref="IGuestTree"/>, and everything is found in it by path.</summary>
/// <remarks>Microsoft, "Windows PowerShell provider overview". What is not overridden here PowerShell refuses: nothing can be written.</remarks>
public abstract class GuestDriveProvider : NavigationCmdletProvider
{
    /// <summary>Far deeper than any tree of Windows; a damaged disk may hold a folder within itself.</summary>
    private const uint DeepestLevel = 512;

    private static readonly char[] s_separators = ['/', '\\'];

    internal abstract IGuestTree OpenTree(BrowseRoot root);

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
            return new GuestDrive(drive, root.Image + suffix, OpenTree(root));
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

    protected override void GetItem(string path) => Guarded(path, () =>
    {
        GuestNode node = Find(path) ?? throw NotFound(path);
        WriteItemObject(node.Item, path, node.IsContainer);
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
        else
        {
            WriteItemObject(node.Item, path, false);
        }

        return true;
    });

    protected override void GetChildNames(string path, ReturnContainers returnContainers) => Guarded(path, () =>
    {
        foreach (GuestNode node in DriveOf(path, out string within).Tree.Children(within))
        {
            if (Stopping)
            {
                break;
            }

            WriteItemObject(node.Name, path, node.IsContainer);
        }

        return true;
    });

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
            return work();
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception))
        {
            WriteError(ErrorRecords.From(exception, path, null));
            return false;
        }
    }

    /// <summary>The error for everything that would write.</summary>
    /// <remarks>To be written, not thrown: of what a provider throws, Set-Content and its like show the exception's type for an id.</remarks>
    protected static ErrorRecord ReadOnly(string path) => ErrorRecords.From(
        new UnsupportedFeatureException(
            "DriveReadOnly", "writing through a drive", path, "Edit the disk with the module's cmdlets, which verify what they do and can take it back."),
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

    /// <summary>First all that lies here, then what lies below, as the file system's provider does it.</summary>
    private void WriteChildren(GuestDrive drive, string path, string within, uint depth)
    {
        List<string> below = [];
        foreach (GuestNode node in drive.Tree.Children(within))
        {
            if (Stopping)
            {
                return;
            }

            WriteItemObject(node.Item, MakePath(path, node.Name), node.IsContainer);
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
