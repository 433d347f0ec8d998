using System.Globalization;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>The disk as a boot store sees it: which partition a device element means, and whether a file is there.</summary>
internal sealed class BcdDisk(WindowsLayout layout, Func<PartitionInfo, IGuestFileSystem?> openVolume)
{
    /// <summary>The partition of this disk that the ids name, or null. The disk's own id is not looked at: see <see cref="IsThisDisk"/>.</summary>
    public PartitionInfo? Find(BcdPartitionId id) => layout.Partitions.FirstOrDefault(partition => id.IsGpt
        ? partition.UniqueId == id.PartitionGuid
        : layout.DiskId is null && partition.Offset >= 0 && (ulong)partition.Offset == id.Offset);

    public bool IsThisDisk(BcdPartitionId id) => id.IsGpt ? layout.DiskId == id.DiskGuid : layout.DiskSignature == id.DiskSignature;

    /// <summary>The partition of this disk where a device's files are; null for devices of another kind or disk.</summary>
    public PartitionInfo? PartitionOf(BcdDevice? device) => device switch
    {
        { Kind: BcdDeviceKind.Partition, Partition: { } id } when IsThisDisk(id) => Find(id),
        { Kind: BcdDeviceKind.Boot } => layout.BootPartition,
        _ => null,
    };

    /// <summary>A file is there; null when it cannot be told.</summary>
    public bool? Exists(PartitionInfo partition, string path) => TryPath(path, out GuestPath guestPath)
        ? openVolume(partition) is { } volume ? volume.Find(guestPath) is { IsDirectory: false } : null
        : false;

    /// <summary>Bytes; null when there is no such file, or it cannot be told.</summary>
    public long? LengthOf(PartitionInfo partition, string path) => openVolume(partition)?.Find(path)?.Length;

    public string Describe(BcdDevice device) => device switch
    {
        { Kind: BcdDeviceKind.Partition, Partition: { } id } => Describe(id),
        { Kind: BcdDeviceKind.Boot } => "boot",
        { Kind: BcdDeviceKind.Locate } => "locate",
        { Kind: BcdDeviceKind.Disk } => "disk",
        { Kind: BcdDeviceKind.Ramdisk, Parent: { } parent } => $"ramdisk {device.Path} on {Describe(parent)}",
        { Kind: BcdDeviceKind.VirtualDisk, Parent: { } parent } => $"virtual disk {device.Path} on {Describe(parent)}",
        { Kind: BcdDeviceKind.VirtualDisk } => "virtual disk",
        { Kind: BcdDeviceKind.File, Parent: { } parent } => $"file {device.Path} on {Describe(parent)}",
        { Kind: BcdDeviceKind.LegacyPartition } => "partition by device path",
        { Kind: BcdDeviceKind.Serial } => "serial port",
        { Kind: BcdDeviceKind.Network } => "network",
        { Kind: BcdDeviceKind.VmBus } => "VMBus",
        _ => "device in an unknown layout",
    };

    /// <summary>The partition as a listing names it: <c>C: (#3)</c>, <c>#1</c>, or the ids of one that is not here.</summary>
    public string Name(BcdPartitionId id) => Find(id) switch
    {
        { } partition when IsThisDisk(id) => Name(partition),
        { } partition => $"{Name(partition)}, but of disk {DiskOf(id)}",
        null => $"{id.Ids}, not on this disk",
    };

    public static string Describe(PartitionInfo partition)
    {
        string role = partition.Role switch
        {
            PartitionRole.Windows => "Windows",
            PartitionRole.EfiSystem => "EFI system",
            PartitionRole.BiosSystem => "system",
            PartitionRole.Recovery => "recovery",
            PartitionRole.Reserved => "reserved",
            _ => "data",
        };
        return string.Create(CultureInfo.InvariantCulture, $"partition {partition.Number} ({role})");
    }

    private string Describe(BcdPartitionId id) => Find(id) switch
    {
        { } partition when IsThisDisk(id) => Describe(partition),
        { } partition => $"{Describe(partition)}, but of disk {DiskOf(id)}",
        null => $"{id}, not on this disk",
    };

    private static string Name(PartitionInfo partition) => partition.DriveLetter is { } letter
        ? string.Create(CultureInfo.InvariantCulture, $"{letter} (#{partition.Number})")
        : string.Create(CultureInfo.InvariantCulture, $"#{partition.Number}");

    private static string DiskOf(BcdPartitionId id) => id.IsGpt
        ? string.Create(CultureInfo.InvariantCulture, $"{id.DiskGuid:B}")
        : string.Create(CultureInfo.InvariantCulture, $"0x{id.DiskSignature:X8}");

    private static bool TryPath(string path, out GuestPath guestPath)
    {
        try
        {
            guestPath = new GuestPath(path);
            return true;
        }
        catch (GuestStateException)
        {
            // A path that no file system can hold names no file.
            guestPath = GuestPath.Root;
            return false;
        }
    }
}
