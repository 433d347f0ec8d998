using Hyper2Kvm.Bcd;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>Opens the boot store that a layout names.</summary>
internal static class BootStore
{
    /// <summary>What the store says about this disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="layout">Of this disk, with a boot partition and a store.</param>
    public static BcdInspection Inspect(GuestDisk disk, WindowsLayout layout)
    {
        IGuestFileSystem files = FilesOf(disk, layout.BootPartition!)!;
        return BcdInspection.Inspect(BcdStore.Open(HiveLocator.Open(files, layout.BcdPath!)), layout, partition => FilesOf(disk, partition));
    }

    /// <summary>The file system of a partition; null when it cannot be read.</summary>
    public static IGuestFileSystem? FilesOf(GuestDisk disk, PartitionInfo partition) =>
        disk.Volumes.FirstOrDefault(volume => volume.Partition.Number == partition.Number)?.FileSystem;
}
