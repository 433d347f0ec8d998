using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>What the firmware needs on the disk before any boot store is read.</summary>
/// <param name="layout">The disk.</param>
/// <param name="disk">Its volumes.</param>
/// <param name="device">Its sectors; null when only its files can be looked at.</param>
internal sealed class BcdFirmwareCheck(WindowsLayout layout, BcdDisk disk, IBlockDevice? device)
{
    private const int Sector = 512;
    private const int BootCodeSize = 0x1B8;
    private const int HiddenSectorsAt = 0x1C;
    private const string Bcdboot = @"Start from Windows installation media and run 'bcdboot C:\Windows /f";

    private readonly List<BcdFinding> _findings = [];

    public IReadOnlyList<BcdFinding> Run()
    {
        if (layout.Firmware == FirmwareMode.Uefi)
        {
            CheckEfi();
        }
        else
        {
            CheckBios();
        }

        return _findings;
    }

    private void CheckBios()
    {
        PartitionInfo[] active = [.. layout.Partitions.Where(partition => partition.IsActive)];
        if (active.Length > 1)
        {
            Add(
                "BcdSeveralActive", FindingSeverity.Error, "Partition table",
                $"The partitions {string.Join(", ", active.Select(partition => partition.Number))} are active: a BIOS refuses such a table.",
                "Leave the flag on the one that holds bootmgr: diskpart, 'select partition', 'inactive'.");
        }

        if (layout.BootPartition is not { } system)
        {
            Add(
                "BcdSystemPartitionMissing", FindingSeverity.Error, "Partition table",
                "No partition of the disk is active: a BIOS finds nothing to start.",
                "Set the flag on the partition that holds bootmgr: diskpart, 'select partition', 'active'.");
            return;
        }

        if (active is [var one] && BootFiles.BiosSystemPartition(layout, disk) is { } holder && holder.Number != one.Number)
        {
            Add(
                "BcdActiveWrong", FindingSeverity.Error, "Partition table",
                $"{BcdDisk.Describe(one)} is active, but the boot manager and its store are on {BcdDisk.Describe(holder)}.",
                "Set the flag there: diskpart, 'select partition', 'active'.");
        }
        else if (layout.Windows.Major >= 6 && disk.Exists(system, BootFiles.BiosBootManager) == false)
        {
            Add(
                "BcdBootManagerFileMissing", FindingSeverity.Error, BcdDisk.Describe(system),
                $@"\bootmgr is not on {BcdDisk.Describe(system)}.", $"{Bcdboot} BIOS'.");
        }

        if (device is not null && layout.PartitionStyle == PartitionStyle.Mbr)
        {
            CheckBootSectors(device, system);
        }
    }

    private void CheckBootSectors(IBlockDevice sectors, PartitionInfo system)
    {
        byte[] sector = new byte[Sector];
        sectors.Read(0, sector);
        if (!sector.AsSpan(0, BootCodeSize).ContainsAnyExcept((byte)0))
        {
            Add(
                "BcdMbrCodeMissing", FindingSeverity.Error, "Sector 0",
                "The master boot record holds a partition table but no program: a BIOS has nothing to run.",
                "Start from Windows installation media and run 'bootrec /fixmbr'.");
        }

        if (layout.DiskSignature is 0)
        {
            Add(
                "BcdDiskSignatureZero", FindingSeverity.Warning, "Sector 0, offset 0x1B8",
                "The disk has no signature: Windows gives it one when it starts, and a store that names the disk by it does not fit then.",
                "Start the source machine once, and copy the disk again.");
        }

        sectors.Read(system.Offset, sector);
        bool hasParameters = sector.AsSpan(3, 8).SequenceEqual("NTFS    "u8) || system.FileSystem.StartsWith("FAT", StringComparison.OrdinalIgnoreCase);
        if (!hasParameters)
        {
            return;
        }

        uint hidden = Le.U32(sector, HiddenSectorsAt);
        long start = system.Offset / layout.SectorSize;
        if (hidden != start)
        {
            Add(
                "BcdHiddenSectorsWrong", FindingSeverity.Error, $"{BcdDisk.Describe(system)}, offset 0x1C",
                $"The boot sector says that the partition starts at sector {hidden}; it starts at {start}. Its program reads the wrong sectors: " +
                "'A disk read error occurred'. The partition has been moved.",
                "Correct the number of hidden sectors in the boot sector, and in its copy at the end of the volume.");
        }
    }

    private void CheckEfi()
    {
        if (layout.BootPartition is not { } system)
        {
            PartitionInfo? mistyped = layout.Partitions.FirstOrDefault(partition => disk.Exists(partition, BootFiles.EfiBootManager) == true);
            Add(
                "BcdSystemPartitionMissing", FindingSeverity.Error, "Partition table",
                mistyped is null
                    ? "The disk has no EFI system partition: UEFI firmware finds nothing to start."
                    : $"{BcdDisk.Describe(mistyped)} holds the boot files, but its type is {mistyped.TypeId}: UEFI firmware looks into partitions "
                        + "of the EFI system type only.",
                mistyped is null
                    ? "If the machine starts from another disk, bring that disk along."
                    : "Set its type to c12a7328-f81f-11d2-ba4b-00a0c93ec93b: diskpart, 'set id'.");
            return;
        }

        if (system.FileSystem.Length > 0 && !system.FileSystem.StartsWith("FAT", StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "BcdSystemPartitionNotFat", FindingSeverity.Error, BcdDisk.Describe(system),
                $"The EFI system partition has the file system {system.FileSystem}; UEFI firmware reads FAT only.",
                "Format it with FAT32 and run 'bcdboot C:\\Windows /f UEFI' from Windows installation media.");
        }

        if (disk.Exists(system, BootFiles.EfiBootManager) == false)
        {
            Add(
                "BcdBootManagerFileMissing", FindingSeverity.Error, BcdDisk.Describe(system),
                $"{BootFiles.EfiBootManager} is not on {BcdDisk.Describe(system)}.", $"{Bcdboot} UEFI'.");
        }

        CheckFallback(system, BootFiles.EfiFallback(layout.Windows.Architecture));
    }

    private void CheckFallback(PartitionInfo system, string fallback)
    {
        if (disk.Exists(system, fallback) == false)
        {
            Add(
                "BcdFallbackLoaderMissing", FindingSeverity.Error, BcdDisk.Describe(system),
                $"{fallback} is not on {BcdDisk.Describe(system)}. A new virtual machine has no boot entries in its NVRAM, and UEFI firmware " +
                "then starts this file only.",
                $"Copy {BootFiles.EfiBootManager} to {fallback}, or add a boot entry in the firmware's own menu.");
        }
        else if (disk.LengthOf(system, fallback) is { } length && disk.LengthOf(system, BootFiles.EfiBootManager) is { } expected && length != expected)
        {
            Add(
                "BcdFallbackLoaderDiffers", FindingSeverity.Warning, BcdDisk.Describe(system),
                $"{fallback} is not the same program as {BootFiles.EfiBootManager}: it is an older one, or of another system. A new virtual " +
                "machine starts it first.",
                "If Windows does not start, add a boot entry in the firmware's own menu.");
        }
    }

    private void Add(string id, FindingSeverity severity, string place, string message, string remedy) =>
        _findings.Add(new BcdFinding(id, severity, place, message, remedy));
}
