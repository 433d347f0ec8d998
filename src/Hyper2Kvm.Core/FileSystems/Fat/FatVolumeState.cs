namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>What the volume says about how it was left: the flags in FAT[1] and the byte that Windows keeps in the boot sector.</summary>
[Flags]
public enum FatVolumeState
{
    Clean = 0,

    /// <summary>It was not dismounted (ClnShutBitMask is clear, or the boot sector's dirty bit is set).</summary>
    NotDismounted = 1,

    /// <summary>The driver met disk errors (HrdErrBitMask is clear, or the boot sector asks for a surface scan).</summary>
    HardErrors = 2,
}
