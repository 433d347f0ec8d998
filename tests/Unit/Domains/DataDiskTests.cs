using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Unit.Domains;

/// <summary>Disks of a domain besides that of Windows.</summary>
public class DataDiskTests
{
    private static readonly WindowsVersion s_server2022 = Guests.Version(10, 0, 20348, isServer: true);

    [Theory]
    [InlineData(DomainPhase.Bootstrap, StorageBus.VirtioBlk, "sda sata,sdb sata,sdc sata,sdd sata,vda virtio")]
    [InlineData(DomainPhase.Bootstrap, StorageBus.VirtioScsi, "sda sata,sdb sata,sdc sata,sdd sata,sde scsi")]
    [InlineData(DomainPhase.Final, StorageBus.VirtioBlk, "vda virtio,vdb virtio,vdc virtio")]
    [InlineData(DomainPhase.Final, StorageBus.VirtioScsi, "sda scsi,sdb scsi,sdc scsi")]
    public void Data_disks_follow_the_system_disk_in_their_order(DomainPhase phase, StorageBus bus, string expected)
    {
        XElement[] disks = Disks(Guests.Request(Guests.Layout(s_server2022), phase, bus), 2);
        Assert.Equal(expected, string.Join(',', disks.Select(Place)));
        Assert.Equal(["/images/web01.qcow2 qcow2", "/images/0 raw", "/images/1 raw"], disks.Take(3).Select(Source));
        Assert.Equal("1", disks[0].Element("boot")!.Attribute("order")!.Value);
        Assert.Null(disks[1].Element("boot"));
    }

    [Fact]
    public void The_disk_with_the_boot_store_starts_first()
    {
        XElement[] disks = Disks(Guests.Request(Guests.Layout(s_server2022), DomainPhase.Final), 2, boot: 1);
        Assert.Equal([2, null, 1], disks.Select(disk => (int?)disk.Element("boot")?.Attribute("order")));
    }

    /// <summary>IDE has four places, one of them the CD-ROM's; what is left comes on VirtIO, where it waits for the driver.</summary>
    [Fact]
    public void Disks_of_XP_that_IDE_has_no_place_for()
    {
        WindowsVersion xp = Guests.Version(5, 1, 2600, architecture: GuestArchitecture.X86);
        XElement[] disks = Disks(Guests.Request(Guests.Layout(xp)), 3);
        Assert.Equal(["hda ide", "hdb ide", "hdd ide", "vda virtio", "hdc ide", "vdb virtio"], disks.Select(Place));
    }

    [Fact]
    public void Many_disks_have_names_of_two_letters()
    {
        XElement[] disks = Disks(Guests.Request(Guests.Layout(s_server2022), DomainPhase.Final), 30);
        Assert.Equal(["vdz virtio", "vdaa virtio", "vdab virtio"], disks.Skip(25).Take(3).Select(Place));
    }

    [Fact]
    public void A_format_that_libvirt_does_not_know_is_refused()
    {
        DomainRequest request = Guests.Request(Guests.Layout(s_server2022)) with { DataDisks = [new DomainDisk("/images/a.vhdx", "vhdx")] };
        Assert.Equal("DomainDiskFormat", Assert.Throws<UnsupportedFeatureException>(() => DomainXmlWriter.Write(request)).ErrorId);
        DomainRequest relative = request with { DataDisks = [new DomainDisk("a.raw", "raw")] };
        Assert.Equal("DomainPathInvalid", Assert.Throws<GuestStateException>(() => DomainXmlWriter.Write(relative)).ErrorId);
    }

    private static XElement[] Disks(DomainRequest request, int count, int boot = -1) =>
    [
        .. XDocument.Parse(DomainXmlWriter.Write(request with
        {
            ImagePath = "/images/web01.qcow2",
            DataDisks = [.. Enumerable.Range(0, count).Select(i => new DomainDisk($"/images/{i}", "raw", i == boot))],
        })).Descendants("disk"),
    ];

    private static string Place(XElement disk) => $"{disk.Element("target")!.Attribute("dev")!.Value} {disk.Element("target")!.Attribute("bus")!.Value}";

    private static string Source(XElement disk) => $"{disk.Element("source")!.Attribute("file")!.Value} {disk.Element("driver")!.Attribute("type")!.Value}";
}
