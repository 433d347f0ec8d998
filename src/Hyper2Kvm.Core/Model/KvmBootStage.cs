namespace Hyper2Kvm;

/// <summary>How far a boot came, in order.</summary>
public enum KvmBootStage
{
    None,

    /// <summary>The machine runs: SeaBIOS or OVMF.</summary>
    Firmware,

    /// <summary>The firmware has read the system disk.</summary>
    BootManager,

    /// <summary>More was read than a boot manager is long: the loader fetches the kernel, the boot drivers and the SYSTEM hive.</summary>
    Loader,

    /// <summary>Windows' kernel runs, and its storage driver has written to the system disk.</summary>
    Kernel,

    /// <summary>A picture that is neither an error nor a boot screen, and that stands still.</summary>
    Logon,

    /// <summary>The guest agent answers.</summary>
    Agent,
}
