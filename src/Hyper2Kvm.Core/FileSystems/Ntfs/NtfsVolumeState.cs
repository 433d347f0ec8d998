namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>What a volume says about itself.</summary>
/// <param name="MajorVersion">3 since Windows 2000.</param>
/// <param name="MinorVersion">0 for Windows 2000, 1 since Windows XP.</param>
/// <param name="VolumeFlags">$VOLUME_INFORMATION flags as stored.</param>
/// <param name="Log">What $LogFile says.</param>
/// <param name="SerialNumber">Volume serial number; its lower half is the one that <c>vol</c> shows.</param>
/// <param name="ClusterSize">Bytes.</param>
/// <param name="FileRecordSize">Bytes.</param>
/// <param name="SectorSize">Bytes, as the boot sector says.</param>
public sealed record NtfsVolumeState(
    byte MajorVersion, byte MinorVersion, ushort VolumeFlags, LogFileState Log, ulong SerialNumber, int ClusterSize, int FileRecordSize, int SectorSize)
{
    /// <summary>Windows wants chkdsk to run.</summary>
    public bool IsDirty => (VolumeFlags & 0x0001) != 0;

    /// <summary>$LogFile is to be resized at the next mount.</summary>
    public bool IsLogResizePending => (VolumeFlags & 0x0002) != 0;

    /// <summary>The volume is to be upgraded at the next mount.</summary>
    public bool IsUpgradePending => (VolumeFlags & 0x0004) != 0;

    /// <summary>chkdsk has changed the volume.</summary>
    public bool IsModifiedByChkdsk => (VolumeFlags & 0x8000) != 0;

    /// <summary>The volume can be edited: not dirty, nothing pending, and the log has nothing to replay.</summary>
    public bool IsClean => !IsDirty && !IsLogResizePending && !IsUpgradePending && (Log is LogFileState.Clean or LogFileState.Empty);
}
