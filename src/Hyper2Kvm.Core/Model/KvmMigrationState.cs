namespace Hyper2Kvm;

/// <summary>What a migration came to.</summary>
public enum KvmMigrationState
{
    /// <summary>All that was asked for is done.</summary>
    Completed,

    /// <summary>Earlier runs have done all that was asked for; this one did nothing.</summary>
    Unchanged,

    /// <summary>A rehearsal came to its end; nothing was written.</summary>
    Rehearsed,

    /// <summary>There is no Windows on the machine's disks: nothing for this module.</summary>
    NoWindows,

    /// <summary>A stage did not succeed.</summary>
    Failed,
}
