using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images;

/// <summary>One file of a backing chain while it is being opened, and the one above it that named it.</summary>
internal sealed class ImageLink
{
    /// <summary>Longer chains are somebody's mistake; each link costs a file handle and a lookup per read.</summary>
    private const int MaxDepth = 64;

    private readonly ImageLink? _above;
    private readonly int _depth;

    private ImageLink(string path, ImageLink? above)
    {
        Path = path;
        _above = above;
        _depth = above is null ? 1 : above._depth + 1;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The user named it, not another image.</summary>
    public bool IsTop => _above is null;

    public static ImageLink Top(string path) => new(System.IO.Path.GetFullPath(path), null);

    /// <summary>The file that this one names as its backing file.</summary>
    /// <param name="name">As written in the image: absolute, or relative to the folder of this file.</param>
    /// <exception cref="UnsupportedFeatureException">The name is not that of a local file.</exception>
    /// <exception cref="DiskFormatException">The chain comes back to itself or is too long.</exception>
    /// <exception cref="GuestItemNotFoundException">There is no such file.</exception>
    public ImageLink Below(string name)
    {
        string path = System.IO.Path.GetFullPath(LocalName(name), Folder);
        ImageLink link = Below(path, IsAbove(path));
        return File.Exists(path) ? link : throw new GuestItemNotFoundException(
            "BackingFileMissing", path, $"'{Path}' needs its backing file '{path}', which is not there.",
            "Put it in that place, or point the image to it: qemu-img rebase -u -F FORMAT -b FILE IMAGE");
    }

    /// <summary>The file that this one names for its data.</summary>
    /// <param name="name">As written in the image: absolute, or relative to the folder of this file.</param>
    /// <returns>Full path.</returns>
    /// <exception cref="UnsupportedFeatureException">The name is not that of a local file.</exception>
    /// <exception cref="DiskFormatException">The name is that of the file itself, or of one above it.</exception>
    /// <exception cref="GuestItemNotFoundException">There is no such file.</exception>
    public string DataFile(string name)
    {
        string path = System.IO.Path.GetFullPath(LocalName(name), Folder);
        if (IsAbove(path))
        {
            throw Cyclic(path);
        }

        return File.Exists(path) ? path : throw new GuestItemNotFoundException(
            "QcowDataFileMissing", path, $"'{Path}' needs its data file '{path}', which is not there.",
            "Copy it to that place, or point the image to it: qemu-img amend -f qcow2 -o data_file=FILE IMAGE");
    }

    /// <summary>The parent of a disk that Windows made: where the disk says that it is, or beside the disk.</summary>
    /// <param name="names">Paths of the parent as Windows wrote them, relative to the disk's folder or absolute, the best first.</param>
    /// <exception cref="DiskFormatException">The chain comes back to itself or is too long.</exception>
    /// <exception cref="GuestItemNotFoundException">There is no such file.</exception>
    public ImageLink BelowWindows(IReadOnlyList<string> names)
    {
        string? above = null;
        foreach (string path in Places(names))
        {
            if (!File.Exists(path))
            {
                continue;
            }

            if (!IsAbove(path))
            {
                return Below(path, isAbove: false);
            }

            above ??= path;
        }

        if (above is not null)
        {
            return Below(above, isAbove: true);
        }

        string told = names.Count == 0 ? "a file that it does not name" : $"'{string.Join("' or '", names)}'";
        throw new GuestItemNotFoundException(
            "BackingFileMissing", Path, $"'{Path}' needs its parent disk, {told}, which is not there.",
            $"Copy the parent disk under its own name into '{Folder}', or merge the disks in Hyper-V first.");
    }

    /// <summary>The parent is not the disk, or not in the state, that its child was made from.</summary>
    public static DiskFormatException ParentChanged(string child, string parent, string expected, string actual) => new(
        "BackingFileChanged", $"parent '{parent}' of '{child}'", 0, expected, actual,
        "Take the parent disk that belongs to it from a backup, as it was when the checkpoint was made.");

    private string Folder => System.IO.Path.GetDirectoryName(Path)!;

    private ImageLink Below(string path, bool isAbove)
    {
        if (isAbove)
        {
            throw Cyclic(path);
        }

        return _depth < MaxDepth ? new ImageLink(path, this) : throw new DiskFormatException(
            "BackingChainTooLong", $"backing chain at '{Path}'", 0, $"at most {MaxDepth} images", $"one more: '{path}'",
            "Flatten a part of the chain first: qemu-img convert -O qcow2 SOURCE TARGET.qcow2");
    }

    private DiskFormatException Cyclic(string path) => new(
        "BackingChainCyclic", $"backing file name in '{Path}'", 0, "a file that is not above it in the chain", $"'{path}'");

    private bool IsAbove(string path)
    {
        for (ImageLink? link = this; link is not null; link = link._above)
        {
            if (string.Equals(link.Path, path, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The named places first, then the same file names in the folder of this file: disks are copied together.</summary>
    private IEnumerable<string> Places(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            yield return System.IO.Path.GetFullPath(OperatingSystem.IsWindows() ? name : name.Replace('\\', '/'), Folder);
        }

        foreach (string name in names)
        {
            string file = name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
            if (file.Length > 0)
            {
                yield return System.IO.Path.Combine(Folder, file);
            }
        }
    }

    /// <summary>QEMU takes a name with a colon before the first slash as <c>protocol:...</c>; a drive letter is not one.</summary>
    private string LocalName(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        int slash = name.AsSpan().IndexOfAny('/', '\\');
        if (colon < 2 || (slash >= 0 && slash < colon))
        {
            return name;
        }

        if (name.StartsWith("file:", StringComparison.Ordinal) && !name.StartsWith("file://", StringComparison.Ordinal))
        {
            return name[5..];
        }

        throw new UnsupportedFeatureException(
            "BackingProtocolNotSupported", $"a backing file reached by protocol ('{name}')", $"'{Path}'", ImageRemedy.Convert);
    }
}
