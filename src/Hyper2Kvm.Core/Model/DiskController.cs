namespace Hyper2Kvm;

/// <summary>What a disk hangs on in the source machine.</summary>
public enum DiskController
{
    Unknown,
    Ide,
    Sata,
    Scsi,
    Nvme,
    Virtio,
    Usb,
}
