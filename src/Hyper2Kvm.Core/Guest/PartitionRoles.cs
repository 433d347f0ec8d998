using System.Globalization;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>Says what each partition is for.</summary>
internal static class PartitionRoles
{
    public static IReadOnlyList<PartitionInfo> Describe(GuestDisk disk, WindowsInstallation windows, BootPlace boot) =>
        [.. disk.Volumes.Select(volume => Describe(volume, windows, boot))];

    private static PartitionInfo Describe(GuestVolume volume, WindowsInstallation windows, BootPlace boot)
    {
        PartitionEntry entry = volume.Partition;
        return new PartitionInfo
        {
            Number = entry.Number,
            Offset = entry.Range.Offset,
            Size = entry.Range.Length,
            TypeId = entry.TypeGuid?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"0x{entry.MbrType ?? 0:X2}"),
            Name = PlainText.Escape(entry.Name),
            UniqueId = entry.UniqueId,
            IsActive = entry.IsActive,
            Role = RoleOf(volume, windows, boot),
            FileSystem = volume.FileSystem?.Kind ?? volume.Kind,
            Label = PlainText.Escape(volume.FileSystem?.Label ?? ""),
        };
    }

    private static PartitionRole RoleOf(GuestVolume volume, WindowsInstallation windows, BootPlace boot)
    {
        if (ReferenceEquals(volume, windows.Volume))
        {
            return PartitionRole.Windows;
        }

        if (PartitionTypes.IsEfiSystem(volume.Partition))
        {
            return PartitionRole.EfiSystem;
        }

        if (ReferenceEquals(volume, boot.Volume))
        {
            return PartitionRole.BiosSystem;
        }

        return PartitionTypes.IsMicrosoftReserved(volume.Partition) ? PartitionRole.Reserved
            : PartitionTypes.IsRecovery(volume.Partition) ? PartitionRole.Recovery
            : PartitionRole.Data;
    }
}
