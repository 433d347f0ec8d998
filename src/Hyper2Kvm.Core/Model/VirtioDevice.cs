namespace Hyper2Kvm;

/// <summary>A device of a KVM guest that needs a driver of its own.</summary>
public enum VirtioDevice
{
    /// <summary>None of the others: its hardware ids say what it is.</summary>
    Other,

    Network,
    Block,
    Scsi,

    /// <summary>virtio-serial: consoles, the channel of the guest agent.</summary>
    Serial,

    Rng,
    Balloon,
    Gpu,
    Input,
    Socket,
    Crypto,
    Memory,
    Sound,

    /// <summary>virtio-fs.</summary>
    FileSystem,

    /// <summary>QEMU's pvpanic.</summary>
    Panic,

    /// <summary>QEMU's fw_cfg.</summary>
    FirmwareConfig,

    /// <summary>QEMU's QXL display.</summary>
    Qxl,
}
