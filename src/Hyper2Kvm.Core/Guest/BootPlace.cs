using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>Which firmware starts this disk, and from where.</summary>
/// <param name="Firmware">BIOS or UEFI; a migration keeps it.</param>
/// <param name="Volume">EFI system partition or active partition; null when the disk has none.</param>
/// <param name="BcdPath">The boot store on it, or null.</param>
internal sealed record BootPlace(FirmwareMode Firmware, GuestVolume? Volume, GuestPath? BcdPath)
{
    private static readonly GuestPath s_efiStore = @"\EFI\Microsoft\Boot\BCD";
    private static readonly GuestPath s_efiLoader = @"\EFI\Microsoft\Boot\bootmgfw.efi";
    private static readonly GuestPath s_biosStore = @"\Boot\BCD";

    /// <summary>Windows starts from GPT only by UEFI, and from MBR nearly always by BIOS; where an MBR disk could do both,
    /// the active partition with a boot manager decides.</summary>
    public static BootPlace Find(GuestDisk disk, List<LayoutWarning> warnings)
    {
        List<GuestVolume> efi = [.. disk.Volumes.Where(volume => PartitionTypes.IsEfiSystem(volume.Partition))];
        GuestVolume? esp = efi.FirstOrDefault(volume => Has(volume, s_efiStore)) ?? efi.FirstOrDefault();
        if (disk.Table.Style == PartitionStyle.Gpt)
        {
            if (esp is null)
            {
                warnings.Add(new LayoutWarning(
                    "EfiPartitionMissing",
                    "The GPT disk has no EFI system partition: the machine boots from another disk, which must come along: Get-SourceMachine takes all disks of a machine."));
            }

            return At(FirmwareMode.Uefi, esp, s_efiStore);
        }

        GuestVolume? active = disk.Volumes.FirstOrDefault(volume => volume.Partition.IsActive)
            ?? (disk.Table.Style == PartitionStyle.None ? disk.Volumes[0] : null);
        bool bios = active is not null && (Has(active, s_biosStore) || Has(active, @"\bootmgr") || Has(active, @"\ntldr"));
        if (!bios && esp is not null && (Has(esp, s_efiLoader) || Has(esp, s_efiStore)))
        {
            return At(FirmwareMode.Uefi, esp, s_efiStore);
        }

        if (!bios)
        {
            warnings.Add(new LayoutWarning(
                "ActivePartitionMissing",
                "No active partition with a boot manager was found: the machine boots from another disk, or will not boot. Test-Bcd tells more; Get-SourceMachine takes all disks of a machine."));
        }

        return At(FirmwareMode.Bios, active, s_biosStore);
    }

    private static BootPlace At(FirmwareMode firmware, GuestVolume? volume, GuestPath store) =>
        new(firmware, volume, volume is not null && Has(volume, store) ? (GuestPath?)store : null);

    private static bool Has(GuestVolume volume, GuestPath path) => volume.FileSystem?.Find(path) is { IsDirectory: false };
}
