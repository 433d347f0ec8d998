using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What a finding of a checker means for the owner of the disk: how grave it is, and what to do.</summary>
internal static class DiskFindings
{
    private const string VolumeRemedy =
        "Start the guest where it came from, run 'chkdsk /f' on the volume, restart until it is done, shut down cleanly and check again.";

    private const string TableRemedy = "Repair the table on a copy of the disk (gdisk: v, then r), and check again.";

    private const string HiveRemedy =
        "Restore the hive from a backup or from Windows' own recovery (System Restore, RegBack) where the guest came from.";

    /// <summary>Space that is lost, numbers that the driver computes anew, and sizes in listings, which lag behind while a file is open.</summary>
    private static readonly HashSet<string> s_harmless =
        ["NtfsClustersLost", "NtfsIndexEntrySizesWrong", "FatClustersLost", "FatFreeCountWrong", "FatLongNameOrphan", HiveFinding.Unreachable];

    /// <summary>Copies that nobody reads while the first is well, states that Windows settles at its next start, and what only serves to find
    /// or to list things.</summary>
    private static readonly HashSet<string> s_mild =
    [
        "NtfsVolumeDirty", "NtfsLogNotClean", "NtfsLogVersion2", "NtfsMirrorDiffers", "NtfsBackupBootSectorDiffers", "NtfsSecurityCopyDiffers",
        "FatVolumeDirty", "FatBackupBootSectorDiffers", "HiveDirty",
        "NtfsObjectIdIndexWrong", "NtfsReparseIndexWrong", "NtfsQuotaIndexWrong", "NtfsBitmapTailWrong",
    ];

    /// <summary>Damage by which an edit could overwrite what belongs to somebody else: free space that is not free.</summary>
    private static readonly HashSet<string> s_unsafe =
    [
        "NtfsClusterOwnedTwice", "NtfsClusterNotMarked", "NtfsMftBitmapWrong", "NtfsBitmapTooShort", "NtfsRunListDamaged",
        "NtfsUpcaseDamaged", "NtfsIndexOrderWrong", "NtfsIndexBitmapWrong", "FatClusterOwnedTwice", "FatCopiesDiffer",
        "FatChainDamaged",
    ];

    public static bool IsUnsafeToEdit(string id) => s_unsafe.Contains(id);

    /// <param name="partition">Number of the partition.</param>
    /// <param name="structure">NTFS or FAT.</param>
    /// <param name="finding">Of its checker.</param>
    /// <param name="unsettled">The volume was in use when the disk was copied: what Windows replays from its log may mend it.</param>
    public static DiskFinding OfVolume(int partition, string structure, FileSystems.FileSystemFinding finding, bool unsettled) => new(
        finding.Id, SeverityOf(finding.Id, unsettled), partition, structure, PlainText.Escape(finding.Place), PlainText.Escape(finding.Message), VolumeRemedy);

    public static DiskFinding OfHive(int partition, string hive, HiveFinding finding) => new(
        finding.Id,
        SeverityOf(finding.Id, false),
        partition,
        PlainText.Escape(hive),
        finding.CellOffset < 0 ? "" : $"cell 0x{finding.CellOffset:X}",
        PlainText.Escape(finding.Message),
        finding.IsInformation ? "Nothing to do." : HiveRemedy);

    public static DiskFinding OfTable(Partitions.PartitionFinding finding) => new(
        finding.Id, finding.IsHarmless ? FindingSeverity.Warning : FindingSeverity.Error, null, "partition table", finding.Place, PlainText.Escape(finding.Message), TableRemedy);

    public static DiskFinding OfStore(int? partition, BcdFinding finding) =>
        new(finding.Id, finding.Severity, partition, "BCD", PlainText.Escape(finding.Place), PlainText.Escape(finding.Message), finding.Remedy.Length > 0 ? finding.Remedy : "Nothing to do.");

    private static FindingSeverity SeverityOf(string id, bool unsettled) =>
        s_harmless.Contains(id) ? FindingSeverity.Information
        : unsettled || s_mild.Contains(id) ? FindingSeverity.Warning
        : FindingSeverity.Error;
}
