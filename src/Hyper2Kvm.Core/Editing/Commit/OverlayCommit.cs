using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Qcow2;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Writes an edit as a fresh QCOW2 file that keeps only what differs from the image beneath it.</summary>
/// <remarks>A QCOW2 file is never modified in place: an overlay of ours is written anew with its old clusters and the changed ones, and
/// renamed over itself, so there is no moment at which it is half done.</remarks>
internal static class OverlayCommit
{
    /// <summary>Marks a QCOW2 file as an overlay that this module made and may replace ("H2KV").</summary>
    public const uint Marker = 0x48324B56;

    private const string Suffix = ".kvm.qcow2";

    /// <summary>Where the edit of an image goes unless the user says otherwise: beside it.</summary>
    public static string DefaultDestination(string imagePath) =>
        Path.Combine(Path.GetDirectoryName(imagePath)!, Path.GetFileNameWithoutExtension(imagePath) + Suffix);

    /// <summary>The image is an overlay that an earlier edit made.</summary>
    public static bool IsOurs(DiskImage image) => image is Qcow2Image qcow2 && qcow2.HasExtension(Marker);

    /// <summary>QEMU has to read the source beneath the overlay.</summary>
    /// <param name="image">The image to be edited.</param>
    /// <exception cref="GuestStateException"><c>BackingNotForQemu</c>: an overlay of this image would not work.</exception>
    public static void CheckBacking(DiskImage image)
    {
        DiskImage backing = IsOurs(image) ? image.Backing! : image;
        if (backing.QemuObstacle is { } obstacle)
        {
            throw new GuestStateException(
                "BackingNotForQemu", backing.Path, $"'{backing.Path}' cannot be edited through an overlay, because {obstacle}.",
                ImageRemedy.CopyOut);
        }
    }

    /// <param name="image">The image that was edited.</param>
    /// <param name="overlay">What it is to look like.</param>
    /// <param name="destination">The new file; the image itself when that is an overlay of ours.</param>
    /// <param name="replace">An existing file may be replaced.</param>
    /// <returns>Bytes that the new file holds of its own.</returns>
    public static long Write(DiskImage image, OverlayBlockDevice overlay, string destination, bool replace)
    {
        bool rewrites = IsOurs(image);
        DiskImage backing = rewrites ? image.Backing! : image;
        IReadOnlyList<BlockRange> ranges = OwnRanges(rewrites ? image.AllocatedRanges() : HiddenFromQemu(image), overlay);
        Qcow2Content content = new()
        {
            Disk = overlay,
            Ranges = ranges,
            BackingFile = RelativeName(destination, backing.Path),
            BackingFormat = backing.Format.QemuName(),
            Marker = Marker,
        };
        AtomicFile.Write(destination, replace || rewrites, stream => Qcow2Writer.Write(stream, content));
        return ranges.Sum(range => range.Length);
    }

    /// <summary>The pair of files can be moved together, from a Windows share to the KVM host.</summary>
    private static string RelativeName(string destination, string backing) =>
        Path.GetRelativePath(Path.GetDirectoryName(destination)!, backing).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>What QEMU does not see of the backing file is zero for it, so the overlay holds it.</summary>
    private static IEnumerable<BlockRange> HiddenFromQemu(DiskImage backing) =>
        backing.QemuLength < backing.Length ? [new BlockRange(backing.QemuLength, backing.Length - backing.QemuLength)] : [];

    /// <summary>What the earlier edit wrote and what this one changed, in whole clusters, in order and once each.</summary>
    private static List<BlockRange> OwnRanges(IEnumerable<BlockRange> earlier, OverlayBlockDevice overlay)
    {
        List<long> clusters = [];
        foreach (BlockRange range in earlier.Concat(overlay.DirtyRanges))
        {
            for (long at = range.Offset / OverlayBlockDevice.ClusterSize * OverlayBlockDevice.ClusterSize; at < range.End; at += OverlayBlockDevice.ClusterSize)
            {
                clusters.Add(at);
            }
        }

        clusters.Sort();
        List<BlockRange> own = [];
        foreach (long at in clusters)
        {
            if (own.Count == 0 || own[^1].Offset != at)
            {
                own.Add(new BlockRange(at, Math.Min(OverlayBlockDevice.ClusterSize, overlay.Length - at)));
            }
        }

        return own;
    }
}
