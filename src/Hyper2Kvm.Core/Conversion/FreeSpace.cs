using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Conversion;

/// <summary>What of a Windows disk need not be copied: free clusters of its NTFS volumes, and what the page and swap files hold.</summary>
/// <remarks>In doubt a volume is copied whole. The last sector of the partition, where NTFS keeps a copy of the boot sector, lies behind the
/// last cluster and so is never left out.</remarks>
internal static class FreeSpace
{
    /// <summary>Smaller pieces are not worth a hole; also keeps the list of them short on a fragmented volume.</summary>
    private const int Grain = 64 * 1024;

    private static readonly string[] s_pageFiles = ["pagefile.sys", "swapfile.sys"];

    /// <param name="disk">The disk; read again whenever the ranges are asked for.</param>
    /// <param name="reporter">Hears which volume is copied whole, and why.</param>
    /// <returns>Ranges of the disk, in order and disjoint, found while they are asked for.</returns>
    public static IEnumerable<BlockRange> Find(IBlockDevice disk, IReporter reporter)
    {
        GuestDisk guest;
        try
        {
            guest = GuestDisk.Open(disk);
        }
        catch (DiskFormatException damage)
        {
            reporter.Warning($"The whole disk is copied in spite of -SkipFreeSpace, because its partition table cannot be read: {damage.Message}");
            return [];
        }

        if (guest.Volumes.FirstOrDefault(IsHibernated) is { } hibernated)
        {
            reporter.Warning(
                $"The whole disk is copied in spite of -SkipFreeSpace, because the Windows on partition {hibernated.Partition.Number} is hibernated or was shut down with "
                + "fast startup, and holds changes to its volumes in memory.");
            return [];
        }

        List<(BlockRange Partition, NtfsVolume Volume)> volumes = [];
        foreach (GuestVolume volume in guest.Volumes.OrderBy(volume => volume.Partition.Range.Offset))
        {
            if (ReasonToKeep(volume, disk) is { } reason)
            {
                reporter.Warning($"Partition {volume.Partition.Number} is copied whole in spite of -SkipFreeSpace, because {reason}.");
            }
            else if (volume.FileSystem is NtfsVolume ntfs)
            {
                volumes.Add((volume.Partition.Range, ntfs));
            }
        }

        return volumes.SelectMany(volume => WholeGrains(volume.Partition, Unneeded(volume.Volume)));
    }

    /// <summary>Why nothing of a volume is left out; null when something can be, or when it is no volume of Windows.</summary>
    private static string? ReasonToKeep(GuestVolume volume, IBlockDevice disk)
    {
        if (volume.Kind is VolumeKind.BitLocker or VolumeKind.Refs)
        {
            return $"what is free on a {volume.Kind} volume cannot be read";
        }

        if (PartitionTypes.IsDynamicDisk(volume.Partition) || PartitionTypes.IsStorageSpaces(volume.Partition))
        {
            return "it is part of a dynamic disk or a storage pool";
        }

        if (volume.Kind != VolumeKind.Ntfs)
        {
            return null;
        }

        if (volume.FileSystem is not NtfsVolume ntfs)
        {
            return $"its NTFS cannot be read: {volume.Fault?.Message}";
        }

        return ntfs.State.IsDirty ? "its NTFS is marked dirty"
            : !ntfs.State.IsClean ? $"its NTFS has work to be done at the next start (journal: {ntfs.State.Log})"
            : ShadowCopies.Has(volume.Device) ? "it has shadow copies, which need clusters that are free otherwise"
            : BitmapFault(ntfs);
    }

    private static string? BitmapFault(NtfsVolume volume)
    {
        try
        {
            _ = FreeClusters.Of(volume);
            return null;
        }
        catch (DiskFormatException damage)
        {
            return $"its $Bitmap cannot be trusted: {damage.Message}";
        }
    }

    private static bool IsHibernated(GuestVolume volume)
    {
        GuestPath path = GuestPath.Root / "hiberfil.sys";
        if (volume.FileSystem is not { } files || files.Find(path) is not { IsDirectory: false, Length: >= 4 })
        {
            return false;
        }

        Span<byte> magic = stackalloc byte[4];
        files.OpenFile(path).Read(0, magic);
        return magic.SequenceEqual("hibr"u8) || magic.SequenceEqual("HIBR"u8) || magic.SequenceEqual("rstr"u8) || magic.SequenceEqual("RSTR"u8);
    }

    /// <summary>Free clusters and the clusters of the page files, both in order.</summary>
    private static IEnumerable<BlockRange> Unneeded(NtfsVolume volume)
    {
        List<BlockRange> pages = [.. s_pageFiles.SelectMany(name => FreeClusters.OfContent(volume, GuestPath.Root / name))];
        pages.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        int page = 0;
        foreach (BlockRange free in FreeClusters.Of(volume))
        {
            for (; page < pages.Count && pages[page].Offset < free.Offset; page++)
            {
                yield return pages[page];
            }

            yield return free;
        }

        for (; page < pages.Count; page++)
        {
            yield return pages[page];
        }
    }

    /// <summary>Joins what lies side by side, and gives what covers whole grains of the disk.</summary>
    private static IEnumerable<BlockRange> WholeGrains(BlockRange partition, IEnumerable<BlockRange> ranges)
    {
        long start = 0;
        long end = 0;
        foreach (BlockRange range in ranges.Append(new BlockRange(partition.Length, 0)))
        {
            if (range.Offset <= end && range.Length > 0)
            {
                end = Math.Max(end, range.End);
                continue;
            }

            long first = (partition.Offset + start + Grain - 1) / Grain * Grain;
            long last = (partition.Offset + end) / Grain * Grain;
            if (last > first)
            {
                yield return new BlockRange(first, last - first);
            }

            start = range.Offset;
            end = range.End;
        }
    }
}
