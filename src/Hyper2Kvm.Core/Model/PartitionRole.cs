namespace Hyper2Kvm;

/// <summary>What a partition is for.</summary>
public enum PartitionRole
{
    /// <summary>Data, or nothing that a migration cares about.</summary>
    Data,

    /// <summary>EFI system partition.</summary>
    EfiSystem,

    /// <summary>The active partition of an MBR disk, with bootmgr and the boot store.</summary>
    BiosSystem,

    /// <summary>Holds Windows. On BIOS disks it may be the active one too.</summary>
    Windows,

    /// <summary>Windows recovery environment.</summary>
    Recovery,

    /// <summary>Microsoft reserved, without a file system.</summary>
    Reserved,
}
