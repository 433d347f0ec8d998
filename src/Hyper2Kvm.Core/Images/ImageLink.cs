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

    public static ImageLink Top(string path) => new(System.IO.Path.GetFullPath(path), null);

    /// <summary>The file that this one names as its backing file.</summary>
    /// <param name="name">As written in the image: absolute, or relative to the folder of this file.</param>
    /// <exception cref="UnsupportedFeatureException">The name is not that of a local file.</exception>
    /// <exception cref="DiskFormatException">The chain comes back to itself or is too long.</exception>
    /// <exception cref="GuestItemNotFoundException">There is no such file.</exception>
    public ImageLink Below(string name)
    {
        string path = System.IO.Path.GetFullPath(LocalName(name), System.IO.Path.GetDirectoryName(Path)!);
        for (ImageLink? link = this; link is not null; link = link._above)
        {
            if (string.Equals(link.Path, path, StringComparison.Ordinal))
            {
                throw new DiskFormatException(
                    "BackingChainCyclic", $"backing file name in '{Path}'", 0, "a file that is not above it in the chain", $"'{path}'");
            }
        }

        if (_depth >= MaxDepth)
        {
            throw new DiskFormatException(
                "BackingChainTooLong", $"backing chain at '{Path}'", 0, $"at most {MaxDepth} images", $"one more: '{path}'",
                "Flatten the chain first: qemu-img convert -O qcow2 SOURCE TARGET.qcow2");
        }

        if (!File.Exists(path))
        {
            throw new GuestItemNotFoundException(
                "BackingFileMissing", path, $"'{Path}' needs its backing file '{path}', which is not there.",
                "Put it in that place, or point the image to it: qemu-img rebase -u -F FORMAT -b FILE IMAGE");
        }

        return new ImageLink(path, this);
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
