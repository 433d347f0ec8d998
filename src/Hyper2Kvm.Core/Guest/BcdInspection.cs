using System.Globalization;
using Hyper2Kvm.Bcd;
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
    public static BcdInspection Inspect(BcdStore store, WindowsLayout layout, Func<PartitionInfo, IGuestFileSystem?> openVolume)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(openVolume);
        BcdDisk disk = new(layout, openVolume);
        List<BcdFinding> findings =
        [
            .. new BcdFirmwareCheck(layout, disk).Run(),
            .. new BcdStoreCheck(store, layout, disk).Run(),
            .. BcdFlagCheck.Run(store, layout),
        ];
        // OrderBy is stable: within one severity the order of the checks stays.
        return new BcdInspection(ListEntries(store, disk), [.. findings.OrderByDescending(finding => finding.Severity)]);
    }

    private static List<BcdEntry> ListEntries(BcdStore store, BcdDisk disk) =>
    [
        .. store.Objects
            .OrderBy(item => item.Type == BcdObjectTypes.BootManager ? 0 : item.Id == store.DefaultId ? 1 : item.Type >> 28 == 1 ? 2 : 3)
            .Select(item => Entry(store, item, disk)),
    ];

    private static BcdEntry Entry(BcdStore store, BcdObject item, BcdDisk disk) => new()
    {
        Id = item.Id.ToString("B", CultureInfo.InvariantCulture),
        Alias = item.Id == store.DefaultId ? "{default}" : BcdAliases.NameOf(item.Id),
        Type = BcdObjectTypes.NameOf(item.Type),
        Description = item.Text(BcdElementTypes.Description),
        Path = item.Text(BcdElementTypes.ApplicationPath),
        Device = item.Device(BcdElementTypes.ApplicationDevice) is { } device ? disk.Describe(device) : null,
        OsDevice = item.Device(BcdElementTypes.OsDevice) is { } osDevice ? disk.Describe(osDevice) : null,
    };
}
