using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Finds for each changed sector of a disk the one place of the host that holds it.</summary>
internal static class InPlaceMap
{
    public const string Remedy = "Leave out -InPlace: the edit goes into an overlay, and the image stays as it is.";

    private const int Sector = 512;

    /// <returns>Patches in the order of the disk, of whole sectors of the disk.</returns>
    /// <exception cref="UnsupportedFeatureException"><c>InPlaceBlockNotHeld</c>: all of the edit can be written there or nothing.</exception>
    public static List<HostPatch> Of(DiskImage image, OverlayBlockDevice overlay)
    {
        List<HostPatch> patches = [];
        byte[] before = new byte[OverlayBlockDevice.ClusterSize];
        byte[] after = new byte[OverlayBlockDevice.ClusterSize];
        foreach (BlockRange range in overlay.DirtyRanges)
        {
            Span<byte> old = before.AsSpan(0, (int)range.Length);
            Span<byte> edited = after.AsSpan(0, (int)range.Length);
            image.Read(range.Offset, old);
            overlay.Read(range.Offset, edited);
            for (int at = 0; at < old.Length;)
            {
                int length = ChangedRun(old[at..], edited[at..]);
                if (length > 0)
                {
                    Add(patches, image, range.Offset + at, old.Slice(at, length), edited.Slice(at, length));
                }

                at += Math.Max(length, Math.Min(Sector, old.Length - at));
            }
        }

        return patches;
    }

    /// <summary>By file and place, what touches made one; a place that two would write is damage of the image's tables.</summary>
    /// <exception cref="DiskFormatException"><c>ImageBlocksOverlap</c></exception>
    public static List<HostPatch> Ordered(List<HostPatch> patches, string imagePath)
    {
        List<HostPatch> ordered = [];
        foreach (IGrouping<string, HostPatch> file in patches.GroupBy(patch => patch.Path))
        {
            foreach (List<HostPatch> run in Runs(file.OrderBy(patch => patch.Offset), imagePath))
            {
                ordered.Add(new HostPatch(file.Key, run[0].Offset, [.. run.SelectMany(patch => patch.Before)], [.. run.SelectMany(patch => patch.After)]));
            }
        }

        return ordered;
    }

    private static IEnumerable<List<HostPatch>> Runs(IEnumerable<HostPatch> patches, string imagePath)
    {
        List<HostPatch> run = [];
        foreach (HostPatch patch in patches)
        {
            if (run.Count > 0 && patch.Offset < run[^1].End)
            {
                throw new DiskFormatException(
                    "ImageBlocksOverlap", $"tables of '{imagePath}'", patch.Offset, "one part of the disk at each place of the file", "two",
                    "Take the image from a backup or copy it again from its host.");
            }

            if (run.Count > 0 && patch.Offset > run[^1].End)
            {
                yield return run;
                run = [];
            }

            run.Add(patch);
        }

        yield return run;
    }

    /// <summary>Bytes from the start on, in whole sectors, that differ.</summary>
    private static int ChangedRun(ReadOnlySpan<byte> old, ReadOnlySpan<byte> edited)
    {
        int length = 0;
        while (length < old.Length)
        {
            int sector = Math.Min(Sector, old.Length - length);
            if (old.Slice(length, sector).SequenceEqual(edited.Slice(length, sector)))
            {
                break;
            }

            length += sector;
        }

        return length;
    }

    private static void Add(List<HostPatch> patches, DiskImage image, long offset, ReadOnlySpan<byte> old, ReadOnlySpan<byte> edited)
    {
        while (old.Length > 0)
        {
            HostRange place = image.FindOwn(offset, old.Length) ?? throw new UnsupportedFeatureException(
                "InPlaceBlockNotHeld", $"an edit in place that changes bytes which the file does not hold as they are (at 0x{offset:X} of the disk)",
                $"'{image.Path}'", Remedy);
            int length = (int)place.Length;
            patches.Add(new HostPatch(place.Path, place.Offset, old[..length].ToArray(), edited[..length].ToArray()));
            old = old[length..];
            edited = edited[length..];
            offset += length;
        }
    }
}
