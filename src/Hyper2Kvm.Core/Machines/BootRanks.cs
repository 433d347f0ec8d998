namespace Hyper2Kvm.Machines;

/// <summary>In which order firmware tries disks when nobody has told it: VMware's, which the others' machines rarely contradict, since
/// they hang all their disks on one kind of controller.</summary>
public static class BootRanks
{
    public static int Of(DiskController controller) => controller switch
    {
        DiskController.Scsi => 0,
        DiskController.Virtio => 1,
        DiskController.Nvme => 2,
        DiskController.Sata => 3,
        DiskController.Ide => 4,
        DiskController.Usb => 6,
        _ => 5,
    };
}
