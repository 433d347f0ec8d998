using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems;

/// <summary>A volume of a guest, read-only. Names are compared as the file system itself compares them.</summary>
/// <remarks>Links (junctions, symbolic links) are never followed: a path that leads through one ends there.</remarks>
public interface IGuestFileSystem
{
    /// <summary><c>NTFS</c>, <c>FAT32</c>, <c>ISO 9660</c> ...</summary>
    string Kind { get; }

    /// <summary>Volume label; empty when there is none.</summary>
    string Label { get; }

    /// <summary>The entry at <paramref name="path"/>, or null when nothing is there. The root has an empty name.</summary>
    /// <exception cref="DiskFormatException">The volume is damaged on the way.</exception>
    GuestEntry? Find(GuestPath path);

    /// <summary>The entries of a directory, without <c>.</c> and <c>..</c>, DOS aliases and the file system's own files.</summary>
    /// <exception cref="GuestItemNotFoundException">There is no such directory (<c>GuestPathNotFound</c>).</exception>
    IEnumerable<GuestEntry> List(GuestPath directory);

    /// <summary>As <see cref="List"/>, for who only looks: an entry that cannot be read has its <see cref="GuestEntry.Fault"/> and ends nothing.</summary>
    /// <remarks>Where a directory holds all of its entries, none can be damaged alone.</remarks>
    IEnumerable<GuestEntry> ListWithFaults(GuestPath directory) => List(directory);

    /// <summary>A file's content, read as it is needed; nothing is read yet.</summary>
    /// <exception cref="GuestItemNotFoundException">There is no such file (<c>GuestPathNotFound</c>).</exception>
    /// <exception cref="UnsupportedFeatureException">The file is encrypted, or kept in a way that cannot be read.</exception>
    IBlockDevice OpenFile(GuestPath path);
}
