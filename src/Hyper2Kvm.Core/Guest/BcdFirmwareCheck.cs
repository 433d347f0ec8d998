namespace Hyper2Kvm.Guest;

/// <summary>What the firmware needs on the disk before any boot store is read.</summary>
internal sealed class BcdFirmwareCheck(WindowsLayout layout, BcdDisk disk)
{
    private const string EfiBootManager = @"\EFI\Microsoft\Boot\bootmgfw.efi";

    public IEnumerable<BcdFinding> Run()
    {
        if (layout.BootPartition is not { } system)
        {
            yield return new BcdFinding(
                "BcdSystemPartitionMissing", FindingSeverity.Error,
                layout.Firmware == FirmwareMode.Uefi
                    ? "The disk has no EFI system partition: UEFI firmware finds nothing to start."
                    : "No partition of the disk is active: a BIOS finds nothing to start.");
            yield break;
        }

        IEnumerable<BcdFinding> findings = layout.Firmware == FirmwareMode.Uefi ? CheckEfi(system) : CheckBios(system);
        foreach (BcdFinding finding in findings)
        {
            yield return finding;
        }
    }

    private IEnumerable<BcdFinding> CheckBios(PartitionInfo system)
    {
        if (disk.Exists(system, @"\bootmgr") == false)
        {
            yield return new BcdFinding(
                "BcdBootManagerFileMissing", FindingSeverity.Error,
                $@"\bootmgr is not on {BcdDisk.Describe(system)}. Start from Windows installation media and run 'bcdboot C:\Windows /f BIOS'.");
        }
    }

    private IEnumerable<BcdFinding> CheckEfi(PartitionInfo system)
    {
        if (system.FileSystem.Length > 0 && !system.FileSystem.StartsWith("FAT", StringComparison.OrdinalIgnoreCase))
        {
            yield return new BcdFinding(
                "BcdSystemPartitionNotFat", FindingSeverity.Error,
                $"The EFI system partition has the file system {system.FileSystem}; UEFI firmware reads FAT only.");
        }

        if (disk.Exists(system, EfiBootManager) == false)
        {
            yield return new BcdFinding(
                "BcdBootManagerFileMissing", FindingSeverity.Error,
                $@"{EfiBootManager} is not on {BcdDisk.Describe(system)}. Start from Windows installation media and run 'bcdboot C:\Windows /f UEFI'.");
        }

        string fallback = layout.Windows.Architecture switch
        {
            GuestArchitecture.X86 => @"\EFI\Boot\bootia32.efi",
            GuestArchitecture.Arm64 => @"\EFI\Boot\bootaa64.efi",
            _ => @"\EFI\Boot\bootx64.efi",
        };
        if (disk.Exists(system, fallback) == false)
        {
            yield return new BcdFinding(
                "BcdFallbackLoaderMissing", FindingSeverity.Error,
                $"{fallback} is not on {BcdDisk.Describe(system)}. A new virtual machine has no boot entries in its NVRAM, and UEFI firmware " +
                $"then starts this file only. Copy {EfiBootManager} to {fallback}, or add a boot entry in the firmware's own menu.");
        }
        else if (disk.LengthOf(system, fallback) is { } length && disk.LengthOf(system, EfiBootManager) is { } expected && length != expected)
        {
            yield return new BcdFinding(
                "BcdFallbackLoaderDiffers", FindingSeverity.Warning,
                $"{fallback} is not the same program as {EfiBootManager}: it is an older one, or of another system. A new virtual machine starts " +
                "it first. If Windows does not start, add a boot entry in the firmware's own menu.");
        }
    }
}
