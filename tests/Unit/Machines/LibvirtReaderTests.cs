using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Machines;

public class LibvirtReaderTests
{
    /// <summary>Our own domain, normalized by libvirt, says what it was made from.</summary>
    [OracleFact("virsh")]
    public void A_domain_as_libvirt_dumps_it()
    {
        using TempFolder folder = new();
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 22631), FirmwareMode.Uefi), DomainPhase.Final) with
        {
            SecureBoot = true,
            Sockets = 2,
            Cores = 3,
            MemoryMiB = 6144,
            DataDisks = [new DomainDisk("/images/boot.qcow2", "qcow2", IsBootDisk: true), new DomainDisk("/images/data.raw", "raw")],
        };
        File.WriteAllText(folder.File("in.xml"), DomainXmlWriter.Write(request));
        string dumped = ForeignTool.RunOk("virsh", "--quiet", "-c", "test:///default", $"define {folder.File("in.xml")}; dumpxml --inactive WEB01");
        SourceMachine machine = Descriptions.Read(folder, "web01.xml", dumped[dumped.IndexOf("<domain", StringComparison.Ordinal)..]);
        Assert.Equal(("WEB01", (Guid?)request.Identity.Uuid), (machine.Name, machine.Uuid));
        Assert.Equal((6, 2, 3, 6L << 30), (machine.CpuCount, machine.SocketCount, machine.CoresPerSocket, machine.MemoryBytes));
        Assert.Equal((FirmwareMode.Uefi, true, true), (machine.Firmware, machine.SecureBoot, machine.Tpm));
        Assert.Equal(["/images/boot.qcow2", request.ImagePath, "/images/data.raw"], machine.Disks.Select(disk => disk.Source));
        Assert.All(machine.Disks, disk => Assert.Equal(DiskController.Virtio, disk.Controller));
        Assert.Equal((request.Identity.MacAddresses[0], "default"), (Assert.Single(machine.Nics).MacAddress, machine.Nics[0].NetworkName));
    }

    [Fact]
    public void Memory_in_any_unit_and_disks_that_are_none()
    {
        using TempFolder folder = new();
        SourceMachine machine = Descriptions.Read(
            folder,
            "x.xml",
            """
            <domain type='xen'><name>old</name><memory unit='GB'>2</memory><vcpu>2</vcpu><devices>
            <disk type='file' device='cdrom'><source file='/a.iso'/><target dev='hdc' bus='ide'/></disk>
            <disk type='block' device='disk'><source dev='/dev/vg/win'/><target dev='hda' bus='ide'/></disk>
            <interface type='bridge'><mac address='00:16:3E:00:00:01'/><source bridge='xenbr0'/><model type='e1000'/></interface></devices></domain>
            """);
        Assert.Equal((2_000_000_000L, FirmwareMode.Bios, false), (machine.MemoryBytes, machine.Firmware, machine.SecureBoot));
        Assert.Equal(("/dev/vg/win", (string?)null), (Assert.Single(machine.Disks).Source, machine.Disks[0].ImagePath));
        Assert.Equal(("00:16:3e:00:00:01", "xenbr0"), (machine.Nics[0].MacAddress, machine.Nics[0].NetworkName));
    }
}
