namespace Hyper2Kvm;

/// <summary>What became of a stage.</summary>
public enum KvmMigrationStageState
{
    Done,

    /// <summary>An earlier run has done it.</summary>
    DoneBefore,

    /// <summary>There was nothing to do.</summary>
    Skipped,

    Failed,
}
