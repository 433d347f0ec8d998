using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Reads an NTFS volume and says what contradicts itself: a second opinion on what was written, by other means.</summary>
/// <remarks>
/// <para>Finding ids besides those of the errors of <see cref="NtfsVolume"/>:</para>
/// <para>records: <c>NtfsFileRecordHeaderWrong</c>, <c>NtfsAttributeOrderWrong</c>, <c>NtfsAttributeInstanceWrong</c>,
/// <c>NtfsStandardInformationMissing</c>, <c>NtfsDirectoryFlagWrong</c>, <c>NtfsDataMissing</c>, <c>NtfsFileNameDamaged</c>, <c>NtfsLinkCountWrong</c>,
/// <c>NtfsMftBitmapWrong</c>, <c>NtfsExtensionRecordWrong</c>, <c>NtfsExtensionRecordOrphan</c>, <c>NtfsAttributeListStale</c>,
/// <c>NtfsAttributeListOrderWrong</c>, <c>NtfsAttributeListIncomplete</c>;</para>
/// <para>clusters: <c>NtfsSizesWrong</c>, <c>NtfsHoleInPlainStream</c>, <c>NtfsCompressionUnitDamaged</c>, <c>NtfsClusterOwnedTwice</c>,
/// <c>NtfsClusterNotMarked</c>, <c>NtfsBitmapTooShort</c>, <c>NtfsBitmapTailWrong</c>, <c>NtfsBadClustersWrong</c>, and the mild <c>NtfsClustersLost</c>;</para>
/// <para>names: <c>NtfsNameNotInIndex</c>, <c>NtfsIndexEntryStale</c>, <c>NtfsIndexEntryParentWrong</c>, <c>NtfsIndexEntryKindWrong</c>,
/// <c>NtfsIndexOrderWrong</c>, <c>NtfsIndexBitmapWrong</c>, <c>NtfsIndexNodeOrphan</c>, <c>NtfsDirectoryCircle</c>, <c>NtfsPathMissing</c>,
/// and the mild <c>NtfsIndexEntrySizesWrong</c>;</para>
/// <para>indexes of $Extend, all mild: <c>NtfsObjectIdIndexWrong</c>, <c>NtfsReparseIndexWrong</c>, <c>NtfsQuotaIndexWrong</c>;</para>
/// <para>security: <c>NtfsSecureMissing</c>, <c>NtfsSecurityIdMissing</c>, <c>NtfsSecurityIndexWrong</c>,
/// <c>NtfsSecurityDescriptorDamaged</c>, <c>NtfsSecurityCopyDiffers</c>;</para>
/// <para>volume: <c>NtfsBackupBootSectorDiffers</c>, <c>NtfsMirrorDiffers</c>, <c>NtfsVolumeInformationDamaged</c>, <c>NtfsVolumeDirty</c>,
/// <c>NtfsLogDamaged</c>, <c>NtfsLogNotClean</c>, <c>NtfsTooManyFindings</c>.</para>
/// </remarks>
public static class NtfsChecker
{
    /// <summary>Checks everything on the volume, as chkdsk does; none for a volume in order.</summary>
    /// <remarks>Reads all file records and indexes. Memory: one bit for each cluster and 27 bytes for each file record.</remarks>
    /// <param name="volume">The volume.</param>
    /// <param name="token">Stops the check.</param>
    /// <param name="progress">Hears how far it is, in percent; or null.</param>
    public static IReadOnlyList<FileSystemFinding> Check(IBlockDevice volume, CancellationToken token, Action<int>? progress = null) =>
        Run(volume, context => new NtfsCheckerFullRun(context, progress, token).Check());

    /// <summary>Checks the given files and directories, the directories above them, and what they depend on. Reads a few MiB.</summary>
    public static IReadOnlyList<FileSystemFinding> CheckPaths(IBlockDevice volume, IReadOnlyList<GuestPath> paths) =>
        Run(volume, context => new NtfsCheckerPathRun(context).Check(paths));

    private static IReadOnlyList<FileSystemFinding> Run(IBlockDevice volume, Action<NtfsCheckerContext> check)
    {
        NtfsCheckerFindings findings = new();
        try
        {
            check(NtfsCheckerContext.Open(volume, findings));
        }
        catch (DiskFormatException error)
        {
            findings.Add(error.ErrorId, error.Structure, error.Message);
        }

        return findings.All;
    }
}
