namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>What $LogFile says about the last dismount.</summary>
public enum LogFileState
{
    /// <summary>Dismounted cleanly: nothing is waiting to be redone or undone.</summary>
    Clean,

    /// <summary>Transactions are waiting: the volume was not dismounted, or Windows is hibernated.</summary>
    NotClean,

    /// <summary>The log is in the form that Windows 8 and later use while a volume is mounted (LFS 2.0): not dismounted.</summary>
    Version2InUse,

    /// <summary>Filled with 0xFF, as ntfs-3g and ntfsfix leave it: nothing is waiting.</summary>
    Empty,

    /// <summary>No restart page can be read.</summary>
    Damaged,
}
