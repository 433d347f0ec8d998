using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Guest;

/// <summary>One disk of a machine after a look into it.</summary>
/// <param name="Source">As the machine's description has it.</param>
/// <param name="Layout">Its Windows, or null.</param>
/// <param name="Data">The disk as a data disk; null when it cannot be opened.</param>
/// <param name="Fault">Why there is no layout; null when there is one or nobody asked.</param>
internal sealed record MachineDisk(SourceDisk Source, WindowsLayout? Layout, DataDisk? Data, Hyper2KvmException? Fault)
{
    private Guid? DiskId { get; init; }

    private uint? DiskSignature { get; init; }

    /// <summary>By what Windows knows the disk: GPT GUID or MBR signature; null where it has none.</summary>
    public string? Identity => DiskId is { } id ? $"{id:B}" : DiskSignature is { } signature and not 0 ? $"{signature:X8}" : null;

    /// <summary>A Windows disk keeps its id when it is copied.</summary>
    public bool IsSameDisk(WindowsLayout layout) =>
        (DiskId is not null && DiskId == layout.DiskId) || (DiskSignature is not (null or 0) && DiskSignature == layout.DiskSignature);

    /// <param name="source">The disk.</param>
    /// <param name="partition">Partition number of the Windows that is meant, or null.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <param name="findsWindows">Look for a Windows, too.</param>
    public static MachineDisk Read(SourceDisk source, int? partition, IReporter reporter, bool findsWindows)
    {
        if (source.ImagePath is null)
        {
            return new MachineDisk(source, null, null, Missing(source));
        }

        reporter.Verbose($"Opening '{source.ImagePath}' read-only.");
        DataDisk? data = null;
        try
        {
            using DiskImage image = ImageDetector.Open(source.ImagePath);
            data = new DataDisk
            {
                ImagePath = image.Path,
                Format = image.Format,
                VirtualSize = image.Length,
                Obstacle = ObstacleOf(image),
            };
            GuestDisk disk = GuestDisk.Open(image);
            MachineDisk read = new(source, null, data with { IsBootDisk = HasBootStore(disk) }, null)
            {
                DiskId = disk.Table.DiskId,
                DiskSignature = disk.Table.DiskSignature,
            };
            data = read.Data;
            return findsWindows ? read with { Layout = LayoutProbe.Probe(image, image, partition) } : read;
        }
        catch (Hyper2KvmException fault)
        {
            return new MachineDisk(source, null, data, fault);
        }
    }

    /// <summary>What keeps a domain from using the image as it is, in words that follow "because"; or null.</summary>
    public static string? ObstacleOf(DiskImage image) =>
        image.QemuObstacle ?? (image.Format.IsKnownToLibvirt() ? null : $"libvirt knows no {image.Format}");

    private static bool HasBootStore(GuestDisk disk) => disk.Volumes.Count > 0 && BootPlace.Find(disk, []).BcdPath is not null;

    private static Hyper2KvmException Missing(SourceDisk source) =>
        source.Source.StartsWith('[') || source.Source.StartsWith("/vmfs/", StringComparison.Ordinal) || source.Source.StartsWith("ds:///", StringComparison.Ordinal)
            ? new UnsupportedFeatureException(
                "DatastorePathNotLocal", "reading from a VMware datastore", source.Source,
                "Copy the disk beside the machine's description, with Copy-DatastoreItem (descriptor and -flat file) or Export-VApp, or name the copy itself.")
            : new GuestItemNotFoundException(
                "MachineDiskMissing", source.Source, $"The disk '{source.Source}' of the machine is not on this host.",
                "Copy it beside the machine's description, or name the disk image itself.");
}
