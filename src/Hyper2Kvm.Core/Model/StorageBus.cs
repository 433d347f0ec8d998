namespace Hyper2Kvm;

/// <summary>The VirtIO disk bus of the final domain.</summary>
public enum StorageBus
{
    /// <summary>virtio-blk, driver viostor.</summary>
    VirtioBlk,

    /// <summary>virtio-scsi, driver vioscsi.</summary>
    VirtioScsi,
}
