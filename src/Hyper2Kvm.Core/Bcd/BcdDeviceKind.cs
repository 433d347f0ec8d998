namespace Hyper2Kvm.Bcd;

/// <summary>What a device element points at.</summary>
public enum BcdDeviceKind
{
    /// <summary>A layout that is not known here. Valid all the same: never an error, never to be rewritten.</summary>
    Opaque,

    /// <summary>The device that the boot manager itself was started from.</summary>
    Boot,

    /// <summary>A partition, by the ids of the partition and its disk.</summary>
    Partition,

    /// <summary>A RAM disk filled from an image file, as setup and the recovery environment use.</summary>
    Ramdisk,

    /// <summary>A partition inside a virtual disk file: native VHD boot.</summary>
    VirtualDisk,

    /// <summary>A file taken as a device.</summary>
    File,

    /// <summary>A whole disk, floppy or CD-ROM.</summary>
    Disk,

    /// <summary>Whatever volume holds the path that the boot manager looks for; sysprep leaves these.</summary>
    Locate,

    /// <summary>A partition by its device path.</summary>
    LegacyPartition,
    Serial,
    Network,
    VmBus,
}
