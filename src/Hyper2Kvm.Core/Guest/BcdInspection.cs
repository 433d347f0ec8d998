using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>What a boot store says, and whether this disk can start from it. Changes nothing.</summary>
/// <remarks>A migration copies the whole disk, so a store that was right stays right; what breaks it is a changed disk id, a
/// partition that was made anew, another firmware mode, or, under UEFI, the boot entries that stayed behind in the old machine's NVRAM.
/// Finding ids and when: <c>docs/cmdlets/Backup-Bcd.md</c>.</remarks>
/// <param name="Entries">The objects of the store that people know, the boot manager and the default entry first.</param>
/// <param name="Findings">Errors first.</param>
public sealed record BcdInspection(IReadOnlyList<BcdEntry> Entries, IReadOnlyList<BcdFinding> Findings)
{
    /// <summary>Reads the store against the disk it is on.</summary>
    /// <param name="store">The store.</param>
    /// <param name="layout">The disk.</param>
    /// <param name="openVolume">The file system of a partition of the layout; null when it cannot be read: then no file is missed.
    /// Asked more than once for the same partition.</param>
    /// <param name="device">The disk's sectors; null when only its files can be looked at.</param>
    public static BcdInspection Inspect(
        BcdStore store, WindowsLayout layout, Func<PartitionInfo, IGuestFileSystem?> openVolume, IBlockDevice? device = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(openVolume);
        BcdDisk disk = new(layout, openVolume);
        return new BcdInspection(
            new BcdText(store, disk).Entries(),
            ErrorsFirst(
            [
                .. new BcdFirmwareCheck(layout, disk, device).Run(),
                .. new BcdStoreCheck(store, layout, disk).Run(),
                .. BcdFlagCheck.Run(store, layout),
            ]));
    }

    /// <summary>A disk without a store that could be read.</summary>
    internal static IReadOnlyList<BcdFinding> InspectFirmware(
        WindowsLayout layout, Func<PartitionInfo, IGuestFileSystem?> openVolume, IBlockDevice device)
    {
        List<BcdFinding> findings = [.. new BcdFirmwareCheck(layout, new BcdDisk(layout, openVolume), device).Run()];
        if (layout.BootPartition is { } boot)
        {
            findings.Add(new BcdFinding(
                "BcdStoreMissing", FindingSeverity.Error, BcdDisk.Describe(boot), $"{BcdDisk.Describe(boot)} has no boot store.",
                @"If the machine starts from another disk, bring that disk along; else start from Windows installation media and run "
                + @"'bcdboot C:\Windows'."));
        }

        return ErrorsFirst(findings);
    }

    /// <summary>A disk whose Windows is older than boot stores.</summary>
    internal static IReadOnlyList<BcdFinding> InspectBootIni(
        BootIni ini, WindowsLayout layout, Func<PartitionInfo, IGuestFileSystem?> openVolume, IBlockDevice device)
    {
        BcdDisk disk = new(layout, openVolume);
        return ErrorsFirst([.. new BcdFirmwareCheck(layout, disk, device).Run(), .. new BootIniCheck(ini, layout, disk).Run()]);
    }

    // OrderBy is stable: within one severity the order of the checks stays.
    private static IReadOnlyList<BcdFinding> ErrorsFirst(IEnumerable<BcdFinding> findings) =>
        [.. findings.OrderByDescending(finding => finding.Severity)];
}
