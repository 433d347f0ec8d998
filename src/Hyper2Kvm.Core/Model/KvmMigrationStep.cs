namespace Hyper2Kvm;

/// <summary>The stages of a migration, in their order.</summary>
public enum KvmMigrationStep
{
    /// <summary>Find out what is on the disks.</summary>
    Inspect,

    /// <summary>Choose the drivers.</summary>
    Plan,

    /// <summary>Copy disks that cannot stay as they are: those in an OVA, VHDX, and others that QEMU or libvirt does not read.</summary>
    Copy,

    /// <summary>Edit the guest, in an overlay.</summary>
    Fix,

    /// <summary>Judge the boot store and copy it out; repair it where that is asked for.</summary>
    Backup,

    /// <summary>Write the domains.</summary>
    Domains,

    /// <summary>Make one file of each disk.</summary>
    Convert,

    /// <summary>Boot the domains on trial.</summary>
    BootTest,
}
