using System.Management.Automation;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images.Ova;
using DriveNotFoundException = System.Management.Automation.DriveNotFoundException;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Turns what a user or a foreign object names into full paths of image files. Nothing found is always an error.</summary>
internal sealed partial class ImagePathResolver(PathIntrinsics paths)
{
    private const string NotFoundId = "ImageNotFound";

    /// <summary>Resolves wildcards, unless a file of exactly that name exists.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>ImageNotFound</c>: no file by that name or pattern.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DatastorePathNotLocal</c>, <c>PathNotInFileSystem</c>.</exception>
    public IReadOnlyList<string> Resolve(string path)
    {
        if (ExistingFile(path) is { } literal)
        {
            return [literal];
        }

        RefuseDatastorePath(path);
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            return [ResolveLiteral(path)];
        }

        string[] files = [.. Glob(path).Where(File.Exists)];
        string[] images = [.. files.Where(file => !IsExtentOf(file, files))];
        return images.Length > 0
            ? images
            : throw new GuestItemNotFoundException(NotFoundId, path, $"{path}: no file matches this pattern.", "Check it with Get-ChildItem.");
    }

    /// <summary>Takes the name as it is.</summary>
    /// <inheritdoc cref="Resolve" path="/exception"/>
    public string ResolveLiteral(string path)
    {
        if (ExistingFile(path) is { } file)
        {
            return file;
        }

        RefuseDatastorePath(path);
        throw HostPath(path) is { } full && Directory.Exists(full)
            ? new GuestItemNotFoundException(NotFoundId, path, $"{path} is a folder, not a disk image.", "Name a disk image in it; *.vmdk names all of one kind.")
            : new GuestItemNotFoundException(NotFoundId, path, $"{path}: there is no such file.", $"Check the path; the current folder is '{paths.CurrentLocation.Path}'.");
    }

    /// <summary>Full path on the host, or null when the drive or the provider does not exist.</summary>
    public string? HostPath(string path)
    {
        try
        {
            string full = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" ? full : throw NotInFileSystem(path, provider);
        }
        catch (SessionStateException exception) when (exception is DriveNotFoundException or ProviderNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A VMware path such as <c>[datastore1] web01/web01.vmdk</c>: PowerCLI's HardDisk objects become such text.</summary>
    [GeneratedRegex(@"^\s*\[[^\]\\/]+\]\s+\S", RegexOptions.CultureInvariant)]
    private static partial Regex DatastorePath();

    /// <summary>The data files of a VMDK whose descriptor has the name without the suffix.</summary>
    [GeneratedRegex(@"-(flat|delta|sesparse|ctk|[sf]\d{3})(?=\.vmdk$)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ExtentSuffix();

    private static bool IsExtentOf(string file, string[] files)
    {
        string descriptor = ExtentSuffix().Replace(file, "");
        return descriptor != file && files.Contains(descriptor, StringComparer.OrdinalIgnoreCase);
    }

    private static void RefuseDatastorePath(string path)
    {
        if (DatastorePath().IsMatch(path))
        {
            throw new UnsupportedFeatureException(
                "DatastorePathNotLocal",
                "reading from a VMware datastore",
                path,
                "Copy the disk here first, with Copy-DatastoreItem (descriptor and -flat file) or Export-VApp, and name the copy.");
        }
    }

    private string? ExistingFile(string path) => HostPath(path) is { } full && OvaPath.Exists(full) ? full : null;

    private IEnumerable<string> Glob(string path)
    {
        try
        {
            IEnumerable<string> found = paths.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            return provider.Name == "FileSystem" ? found : throw NotInFileSystem(path, provider);
        }
        catch (SessionStateException exception)
            when (exception is DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException)
        {
            return [];
        }
        catch (WildcardPatternException)
        {
            return [];
        }
    }

    private static UnsupportedFeatureException NotInFileSystem(string path, ProviderInfo provider) =>
        new("PathNotInFileSystem", $"reading images from the {provider.Name} provider", path, "Name a file on a file system.");
}
