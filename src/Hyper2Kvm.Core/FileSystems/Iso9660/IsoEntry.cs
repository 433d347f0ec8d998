using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Iso9660;

/// <summary>A file or directory with all its extents.</summary>
/// <param name="Record">Its first record.</param>
/// <param name="Extents">Where its bytes are in the image, in order.</param>
/// <param name="Length">Bytes of all extents.</param>
internal sealed record IsoEntry(IsoDirectoryRecord Record, List<BlockRange> Extents, long Length)
{
    public GuestEntry ToGuestEntry() => new(
        Record.Name,
        GuestFileAttributes.ReadOnly | (Record.IsDirectory ? GuestFileAttributes.Directory : 0)
            | (Record.IsHidden ? GuestFileAttributes.Hidden : 0),
        Record.IsDirectory ? 0 : Length,
        Record.RecordedUtc);
}
