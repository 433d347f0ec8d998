namespace Hyper2Kvm;

/// <summary>What happened to one thing in the guest.</summary>
public enum GuestChangeKind
{
    /// <summary>It was already as wanted.</summary>
    Unchanged,
    FileAdded,
    FileReplaced,
    DirectoryAdded,
    KeyAdded,
    KeyDeleted,
    ValueAdded,
    ValueChanged,
    ValueDeleted,

    /// <summary>Something the edit had to do to a hive before it could be edited, such as a log replay.</summary>
    HiveRepaired,

    /// <summary>The partition table.</summary>
    PartitionChanged,
}
