using System.Globalization;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>Finds the Windows on a disk, or says what is there instead.</summary>
internal static class WindowsFinder
{
    /// <summary>Names that WindowsRoot has had; virt-v2v looks for the same.</summary>
    private static readonly string[] s_rootNames = ["Windows", "WINNT", "Win32", "Win"];

    /// <param name="disk">The disk.</param>
    /// <param name="partition">Number of the partition to take, or null when there must be just one Windows.</param>
    /// <param name="imagePath">For messages.</param>
    /// <exception cref="GuestItemNotFoundException"><c>WindowsNotFound</c>.</exception>
    /// <exception cref="GuestStateException"><c>SeveralWindows</c>, <c>BitLockerVolume</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DynamicDisk</c>, <c>StorageSpaces</c>.</exception>
    public static WindowsInstallation Find(GuestDisk disk, int? partition, string imagePath)
    {
        List<WindowsInstallation> found = [];
        foreach (GuestVolume volume in disk.Volumes)
        {
            if (partition is null || volume.Partition.Number == partition)
            {
                found.AddRange(FindOn(volume));
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw NotFound(disk, partition, imagePath),
            _ => throw Several(found, imagePath),
        };
    }

    /// <summary>Every Windows on a volume.</summary>
    public static IEnumerable<WindowsInstallation> FindOn(GuestVolume volume)
    {
        if (volume.FileSystem is not { } fileSystem)
        {
            yield break;
        }

        foreach (string name in s_rootNames)
        {
            if (Directory(fileSystem, GuestPath.Root, name) is { } root
                && Directory(fileSystem, root, "System32") is { } system32
                && fileSystem.Find(system32 / "config" / "SYSTEM") is { IsDirectory: false }
                && fileSystem.Find(system32 / "config" / "SOFTWARE") is { IsDirectory: false })
            {
                yield return new WindowsInstallation(volume, fileSystem, root, system32);
            }
        }
    }

    /// <summary>The path with the name spelled as stored; null when it is no plain directory.</summary>
    private static GuestPath? Directory(IGuestFileSystem fileSystem, GuestPath parent, string name) =>
        fileSystem.Find(parent / name) is { IsDirectory: true, IsReparsePoint: false } entry ? (GuestPath?)(parent / entry.Name) : null;

    private static GuestStateException Several(List<WindowsInstallation> found, string imagePath)
    {
        string places = string.Join(
            ", ", found.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Root} on partition {one.Volume.Partition.Number}")));
        return new GuestStateException(
            "SeveralWindows",
            imagePath,
            $"'{imagePath}' holds {found.Count} Windows installations: {places}.",
            "Say which one is meant: Get-WindowsLayout -Partition <number>.");
    }

    private static Hyper2KvmException NotFound(GuestDisk disk, int? partition, string imagePath)
    {
        string seen = Describe(disk);
        if (disk.Volumes.FirstOrDefault(volume => volume.Kind == VolumeKind.BitLocker) is { } locked)
        {
            return new GuestStateException(
                "BitLockerVolume",
                imagePath,
                $"Partition {locked.Partition.Number} of '{imagePath}' is encrypted with BitLocker, and no other holds a Windows.",
                "Decrypt it in the guest (manage-bde -off C:) before the migration; suspending protection is not enough.");
        }

        if (disk.Table.Entries.Any(PartitionTypes.IsDynamicDisk))
        {
            return new UnsupportedFeatureException(
                "DynamicDisk", "a Windows on a dynamic (LDM) disk", imagePath, "Convert the disk to basic in the guest first.");
        }

        if (disk.Table.Entries.Any(PartitionTypes.IsStorageSpaces))
        {
            return new UnsupportedFeatureException("StorageSpaces", "a Windows on Storage Spaces", imagePath);
        }

        if (disk.Volumes.FirstOrDefault(volume => volume.Fault is not null) is { Fault: { } fault })
        {
            return fault;
        }

        string remedy =
            partition is not null ? "Leave -Partition out, or give the number of the partition that holds Windows."
            : disk.Volumes.Any(volume => VolumeKind.IsForeignSystem(volume.Kind))
                ? "This is another operating system's disk: migrate it with a tool for that system; Linux needs no driver injection."
            : disk.Volumes.Any(volume => volume.Kind == VolumeKind.Luks) ? "The disk is encrypted (LUKS): unlock and copy it first."
            : "If this is a data disk, name the disk that Windows boots from; data disks need no edit.";
        string where = partition is null ? "" : string.Create(CultureInfo.InvariantCulture, $" on partition {partition}");
        return new GuestItemNotFoundException(
            "WindowsNotFound", imagePath, $"No Windows installation was found{where} in '{imagePath}' ({seen}).", remedy);
    }

    private static string Describe(GuestDisk disk) =>
        disk.Volumes.Count == 0
            ? "it has no partitions"
            : string.Join(", ", disk.Volumes.Select(volume => string.Create(
                CultureInfo.InvariantCulture,
                $"partition {volume.Partition.Number}: {(volume.Kind.Length == 0 ? "no known file system" : volume.Kind)}")));
}
