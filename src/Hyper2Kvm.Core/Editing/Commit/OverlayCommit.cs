using Hyper2Kvm.Binary;
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

    /// <summary>What the mark holds: the time of writing as ticks UTC, little-endian, and the fingerprint of the disk.</summary>
    private const int MarkLength = 8 + UndoJournal.FingerprintLength;

    private const string Suffix = ".kvm.qcow2";

    /// <summary>Where the edit of an image goes unless the user says otherwise: beside it.</summary>
    public static string DefaultDestination(string imagePath) =>
        Path.Combine(Path.GetDirectoryName(imagePath)!, Path.GetFileNameWithoutExtension(imagePath) + Suffix);

    /// <summary>The image is an overlay that an earlier edit made.</summary>
    public static bool IsOurs(DiskImage image) => image is Qcow2Image qcow2 && qcow2.Extension(Marker) is not null;

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

    /// <summary>Nobody wrote to the overlay since the edit: neither the time of its writing nor what is watched of its disk is another.</summary>
    /// <param name="image">An overlay of ours.</param>
    public static bool IsAsWritten(DiskImage image) =>
        ((Qcow2Image)image).Extension(Marker) is { Length: MarkLength } mark
        && File.GetLastWriteTimeUtc(image.Path).Ticks == Le.I64(mark, 0)
        && DiskFingerprint.Of(image).AsSpan().SequenceEqual(mark.AsSpan(8));

    /// <param name="image">The image that was edited.</param>
    /// <param name="overlay">What it is to look like.</param>
    /// <param name="destination">The new file; the image itself when that is an overlay of ours.</param>
    /// <param name="replace">An existing file may be replaced.</param>
    /// <param name="utcNow">Time of the edit.</param>
    /// <param name="progress">Told how many bytes of how many are written.</param>
    /// <param name="close">Closes the image.</param>
    /// <returns>Bytes that the new file holds of its own.</returns>
    /// <exception cref="GuestStateException"><c>ImageInUse</c>: another program has the file open that would be replaced.</exception>
    public static long Write(DiskImage image, OverlayBlockDevice overlay, string destination, bool replace, DateTime utcNow, Action<long, long> progress, Action close)
    {
        DateTime written = EditTime.Of(utcNow);
        byte[] mark = new byte[MarkLength];
        Le.I64(mark, 0, written.Ticks);
        DiskFingerprint.Of(overlay).CopyTo(mark, 8);
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
            MarkerData = mark,
        };
        if (!rewrites && replace && File.Exists(destination))
        {
            HostFileLock.ForEdit(destination, isReplaced: true).Dispose();
        }

        AtomicFile.DeleteLeftovers(destination);
        AtomicFile.Write(destination, replace || rewrites, stream => Qcow2Writer.Write(stream, content, progress), written, close);
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
