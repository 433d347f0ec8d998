using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Drivers;

/// <summary>A folder of the host, seen as a volume. Names ignore case on every host; links count only while they stay inside.</summary>
internal sealed class HostFolder : IGuestFileSystem, IDisposable
{
    private readonly string _root;
    private readonly List<FileBlockDevice> _open = [];

    public HostFolder(string path) => _root = Resolve(Path.GetFullPath(path));

    public string Kind => "folder";

    public string Label => "";

    public GuestEntry? Find(GuestPath path) => Locate(path) is { } info ? ToEntry(info) : null;

    public IEnumerable<GuestEntry> List(GuestPath directory) =>
        Locate(directory) is DirectoryInfo folder
            ? folder.EnumerateFileSystemInfos().Select(ToEntry)
            : throw NotFound(directory, "folder");

    public IBlockDevice OpenFile(GuestPath path)
    {
        FileInfo file = Locate(path) as FileInfo ?? throw NotFound(path, "file");
        FileBlockDevice device = new(file.FullName, sectorSize: 1);
        _open.Add(device);
        return device;
    }

    public void Dispose()
    {
        foreach (FileBlockDevice device in _open)
        {
            device.Dispose();
        }

        _open.Clear();
    }

    /// <summary>The file or folder at <paramref name="path"/> with all links followed, or null.</summary>
    /// <exception cref="GuestStateException"><c>DriverSourceLinkOutside</c>.</exception>
    private FileSystemInfo? Locate(GuestPath path)
    {
        Interruption.Check();
        FileSystemInfo current = new DirectoryInfo(_root);
        foreach (string part in path.Parts)
        {
            if (current is not DirectoryInfo folder || Child(folder, part) is not { } child)
            {
                return null;
            }

            current = child.LinkTarget is null ? child : Follow(child);
        }

        return current.Exists ? current : null;
    }

    private FileSystemInfo Follow(FileSystemInfo link)
    {
        string real = Resolve(link.FullName);
        string relative = Path.GetRelativePath(_root, real);
        if (Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new GuestStateException(
                "DriverSourceLinkOutside", link.FullName, $"The link '{link.FullName}' leads out of the driver folder '{_root}', to '{real}'.",
                "Put the drivers themselves into the folder.");
        }

        return Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
    }

    private static FileSystemInfo? Child(DirectoryInfo folder, string name)
    {
        FileSystemInfo? found = null;
        foreach (FileSystemInfo info in folder.EnumerateFileSystemInfos())
        {
            if (info.Name == name)
            {
                return info;
            }

            bool same = info.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
            found = same && (found is null || string.CompareOrdinal(info.Name, found.Name) < 0) ? info : found;
        }

        return found;
    }

    private static string Resolve(string path) => RealPath.Of(path) ?? throw new GuestStateException(
        "DriverSourceLinkOutside", path, $"'{path}' leads through too many links.", "Put the drivers themselves into the folder.");

    private static GuestEntry ToEntry(FileSystemInfo info) => new(
        info.Name,
        info is DirectoryInfo ? GuestFileAttributes.Directory : GuestFileAttributes.Archive,
        info is FileInfo { Exists: true } file ? file.Length : 0,
        info.LastWriteTimeUtc);

    private static GuestItemNotFoundException NotFound(GuestPath path, string kind) =>
        new("GuestPathNotFound", path.ToString(), $"There is no {kind} '{path}' in the driver folder.");
}
