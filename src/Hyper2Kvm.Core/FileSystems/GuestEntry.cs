using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems;

/// <summary>One file or directory of a guest.</summary>
/// <param name="Name">As stored.</param>
/// <param name="Attributes">As stored.</param>
/// <param name="Length">Bytes of the unnamed data stream; 0 for directories.</param>
/// <param name="ModifiedUtc">Time of the last write; on FAT without a zone, taken as UTC.</param>
public sealed record GuestEntry(string Name, GuestFileAttributes Attributes, long Length, DateTime ModifiedUtc)
{
    /// <summary>Why no more than its name is known; see <see cref="IGuestFileSystem.ListWithFaults"/>.</summary>
    public DiskFormatException? Fault { get; init; }

    public bool IsDirectory => (Attributes & GuestFileAttributes.Directory) != 0;

    /// <summary>A junction, symbolic link, mount point, or a file whose data is elsewhere (deduplicated, CompactOS).</summary>
    public bool IsReparsePoint => (Attributes & GuestFileAttributes.ReparsePoint) != 0;
}
