using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Machines;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Machines;

public class OvfReaderTests
{
    [Fact]
    public void Every_fact_of_an_export_by_VMware()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("a b.vmdk"), []);
        SourceMachine machine = Descriptions.Read(folder, "x.ovf", Descriptions.Ovf());
        Assert.Equal("web 01", machine.Name);
        Assert.Equal((8, 2, 4), (machine.CpuCount, machine.SocketCount, machine.CoresPerSocket));
        Assert.Equal(16L << 30, machine.MemoryBytes);
        Assert.Equal((FirmwareMode.Uefi, true), (machine.Firmware, machine.SecureBoot));
        Assert.Equal(("windows2019srvNext_64Guest", "Windows"), (machine.OsId, machine.OsName));
        Assert.Equal(["a%20b.vmdk", "n.vmdk", "s1.vmdk", "i.vmdk"], machine.Disks.Select(disk => disk.Source));
        Assert.Equal(
            [DiskController.Scsi, DiskController.Nvme, DiskController.Sata, DiskController.Ide], machine.Disks.Select(disk => disk.Controller));
        Assert.Equal(["lsilogicsas", "vmware.nvme.controller", "vmware.sata.ahci", ""], machine.Disks.Select(disk => disk.ControllerModel));
        Assert.Equal([32L << 30, null, 1L << 20, 4L << 30], machine.Disks.Select(disk => disk.Capacity));
        Assert.Equal([folder.File("a b.vmdk"), null, null, null], machine.Disks.Select(disk => disk.ImagePath));
        Assert.Equal([1, 2, 3, 4], machine.Disks.Select(disk => disk.BootOrder));
        Assert.Equal(["00:50:56:aa:bb:01", null], machine.Nics.Select(nic => nic.MacAddress));
        Assert.Equal(["VM Network", "DMZ"], machine.Nics.Select(nic => nic.NetworkName));
        Assert.Equal(["VmxNet3", "E1000"], machine.Nics.Select(nic => nic.Model));
    }

    [Fact]
    public void The_default_configuration_wins_and_bounds_do_not_count()
    {
        const string Options = "<DeploymentOptionSection><Configuration ovf:id=\"small\"/><Configuration ovf:id=\"big\" ovf:default=\"true\"/></DeploymentOptionSection>";
        const string Items =
            "<Item ovf:configuration=\"big\"><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>12</rasd:VirtualQuantity></Item>"
            + "<Item ovf:configuration=\"small\"><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>"
            + "<Item ovf:bound=\"max\"><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>";
        using TempFolder folder = new();
        Assert.Equal(12, Descriptions.Read(folder, "x.ovf", Descriptions.Ovf(Options, hardware: Items)).CpuCount);
    }

    [Fact]
    public void Disks_and_cards_of_OVF_2()
    {
        const string Items =
            "<StorageItem><sasd:AddressOnParent xmlns:sasd=\"urn:s\">7</sasd:AddressOnParent><sasd:HostResource xmlns:sasd=\"urn:s\">ovf:/disk/d2</sasd:HostResource>"
            + "<sasd:InstanceID xmlns:sasd=\"urn:s\">30</sasd:InstanceID><sasd:Parent xmlns:sasd=\"urn:s\">3</sasd:Parent><sasd:ResourceType xmlns:sasd=\"urn:s\">31</sasd:ResourceType></StorageItem>"
            + "<EthernetPortItem><epasd:Address xmlns:epasd=\"urn:e\">00-50-56-00-00-03</epasd:Address><epasd:Connection xmlns:epasd=\"urn:e\">LAN</epasd:Connection>"
            + "<epasd:InstanceID xmlns:epasd=\"urn:e\">31</epasd:InstanceID><epasd:ResourceType xmlns:epasd=\"urn:e\">10</epasd:ResourceType></EthernetPortItem>";
        using TempFolder folder = new();
        SourceMachine machine = Descriptions.Read(folder, "x.ovf", Descriptions.Ovf(hardware: Items).Replace("envelope/1", "envelope/2", StringComparison.Ordinal));
        Assert.Equal((5, 7), (machine.Disks.Count, machine.Disks[1].Unit));
        Assert.Equal("00:50:56:00:00:03", machine.Nics[2].MacAddress);
    }

    [Fact]
    public void VirtualBox_has_its_addresses_and_firmware_elsewhere()
    {
        const string Machine =
            "<vbox:Machine xmlns:vbox=\"http://www.virtualbox.org/ovf/machine\" uuid=\"{a6277950-3d1b-45d3-b2fd-dc1f385027e1}\" OSType=\"Windows2016_64\"><Hardware>"
            + "<Firmware type=\"EFI\"/><TrustedPlatformModule type=\"v2_0\"/><Network><Adapter slot=\"0\" enabled=\"true\" MACAddress=\"0800277AA2FC\"/>"
            + "<Adapter slot=\"1\" enabled=\"true\" MACAddress=\"0800278CC821\"/><Adapter slot=\"2\" enabled=\"false\" MACAddress=\"080027000000\"/></Network></Hardware></vbox:Machine>";
        using TempFolder folder = new();
        string text = Descriptions.Ovf().Replace("</VirtualSystem>", Machine + "</VirtualSystem>", StringComparison.Ordinal)
            .Replace("<rasd:Address>00:50:56:aa:bb:01</rasd:Address>", "", StringComparison.Ordinal);
        SourceMachine machine = Descriptions.Read(folder, "x.ovf", text);
        Assert.Equal(["08:00:27:7a:a2:fc", "08:00:27:8c:c8:21"], machine.Nics.Select(nic => nic.MacAddress));
        Assert.Equal((FirmwareMode.Uefi, true, "Windows2016_64"), (machine.Firmware, machine.Tpm, machine.OsId));
        Assert.Equal(new Guid("a6277950-3d1b-45d3-b2fd-dc1f385027e1"), machine.Uuid);
    }

    [Fact]
    public void OVirt_writes_sections_by_type()
    {
        const string Text = """
            <ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1/" xmlns:rasd="urn:r" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
            <References><File ovf:href="g/i" ovf:id="i"/></References>
            <Section xsi:type="ovf:DiskSection_Type"><Disk ovf:diskId="i" ovf:size="10" ovf:fileRef="g/i" ovf:disk-interface="VirtIO"/></Section>
            <Content ovf:id="out" xsi:type="ovf:VirtualSystem_Type"><Name>win</Name><BiosType>4</BiosType>
            <Section ovf:id="a6277950-3d1b-45d3-b2fd-dc1f385027e1" xsi:type="ovf:OperatingSystemSection_Type"><Description>windows_2019x64</Description></Section>
            <Section xsi:type="ovf:VirtualHardwareSection_Type">
            <Item><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</rasd:ResourceType><rasd:cpu_per_socket>2</rasd:cpu_per_socket><rasd:VirtualQuantity>4</rasd:VirtualQuantity></Item>
            <Item><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:VirtualQuantity>4096</rasd:VirtualQuantity></Item>
            <Item><rasd:InstanceId>i</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>g/i</rasd:HostResource></Item>
            <Item><rasd:InstanceId>3</rasd:InstanceId><rasd:ResourceType>10</rasd:ResourceType><rasd:Connection>ovirtmgmt</rasd:Connection><rasd:MACAddress>56:6f:01:02:03:04</rasd:MACAddress></Item>
            </Section></Content></ovf:Envelope>
            """;
        using TempFolder folder = new();
        SourceMachine machine = Descriptions.Read(folder, "x.ovf", Text);
        Assert.Equal(("win", 4, 2, 4L << 30), (machine.Name, machine.CpuCount, machine.SocketCount, machine.MemoryBytes));
        Assert.Equal((FirmwareMode.Uefi, true), (machine.Firmware, machine.SecureBoot));
        Assert.Equal(("g/i", 10L << 30), (machine.Disks[0].Source, machine.Disks[0].Capacity));
        Assert.Equal("56:6f:01:02:03:04", machine.Nics[0].MacAddress);
    }

    [Fact]
    public void References_do_not_lead_out_of_the_folder()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.File("in"));
        File.WriteAllBytes(folder.File("secret.vmdk"), []);
        foreach (string href in (string[])["../secret.vmdk", "..%2Fsecret.vmdk", folder.File("secret.vmdk"), $"file://{folder.File("secret.vmdk")}"])
        {
            SourceMachine machine = Descriptions.Read(folder, "in/x.ovf", Descriptions.Ovf().Replace("a%20b.vmdk", href, StringComparison.Ordinal));
            Assert.All(machine.Disks, disk => Assert.Null(disk.ImagePath));
        }
    }

    [Fact]
    public void Chunked_files_are_refused()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("x.ovf"), Descriptions.Ovf(files: "<File ovf:href=\"c\" ovf:id=\"c\" ovf:chunkSize=\"1000\"/>"));
        Assert.Equal("OvfChunkedFile", Assert.Throws<UnsupportedFeatureException>(() => MachineReader.Read(folder.File("x.ovf"))).ErrorId);
    }

    [DataFact("vmconfig/test-i-ova.ovf", "vmconfig/test-i-ova-formats.ovf", "vmconfig/test-i-ova-as-root.ovf", "vmconfig/test-i-ova-gz.ovf")]
    public void Real_exports()
    {
        SourceMachine one = Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-ova.ovf")));
        Assert.Equal(("TestOva", 1, 2L << 30, FirmwareMode.Bios), (one.Name, one.CpuCount, one.MemoryBytes, one.Firmware));
        Assert.Equal(("test-ova.vmdk", 32L << 30, DiskController.Scsi, "lsilogicsas"), (one.Disks[0].Source, one.Disks[0].Capacity, one.Disks[0].Controller, one.Disks[0].ControllerModel));
        Assert.Equal(("VM Network", "E1000"), (Assert.Single(one.Nics).NetworkName, one.Nics[0].Model));
        SourceMachine efi = Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-ova-formats.ovf")));
        Assert.Equal(("2K8R2EESP1_2_Medium", FirmwareMode.Uefi, 50L << 30), (efi.Name, efi.Firmware, efi.Disks[0].Capacity));
        SourceMachine old = Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-ova-as-root.ovf")));
        Assert.Equal((2, 4L << 30, 0), (old.CpuCount, old.MemoryBytes, old.Nics.Count));
        Assert.Equal("disk1.vmdk.gz", Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-ova-gz.ovf"))).Disks[0].Source);
    }

    /// <summary>virt-v2v reads the same archive.</summary>
    [OracleFact("virt-v2v", "tar", "qemu-img")]
    public void Virt_v2v_reads_the_same_machine()
    {
        using TempFolder folder = new();
        foreach (string name in (string[])["a b.vmdk", "n.vmdk", "s1.vmdk", "i.vmdk"])
        {
            ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=streamOptimized", folder.File(name), "1M");
        }

        // virt-v2v takes memory for MiB whatever the unit is.
        File.WriteAllText(folder.File("x.ovf"), Descriptions.Ovf().Replace("a%20b", "a b", StringComparison.Ordinal)
            .Replace("<rasd:AllocationUnits>byte * 2^30", "<rasd:AllocationUnits>byte * 2^20", StringComparison.Ordinal)
            .Replace("<rasd:VirtualQuantity>16<", "<rasd:VirtualQuantity>16384<", StringComparison.Ordinal));
        string ova = folder.File("x.ova");
        ForeignTool.RunOk("tar", "--format=ustar", "-C", folder.Path, "-cf", ova, "x.ovf", "a b.vmdk", "n.vmdk", "s1.vmdk", "i.vmdk");
        SourceMachine machine = Assert.Single(MachineReader.Read(ova));
        string said = ForeignTool.RunOk("virt-v2v", "-i", "ova", ova, "--print-source");
        Assert.Contains($"source name: {machine.Name}", said, StringComparison.Ordinal);
        Assert.Contains($"memory: {machine.MemoryBytes} (bytes)", said, StringComparison.Ordinal);
        Assert.Contains($"nr vCPUs: {machine.CpuCount}", said, StringComparison.Ordinal);
        Assert.Contains("firmware: uefi", said, StringComparison.Ordinal);
        Assert.Contains($"sockets: {machine.SocketCount} cores/socket: {machine.CoresPerSocket}", said, StringComparison.Ordinal);
        Assert.Contains("Bridge \"VM Network\" mac: 00:50:56:aa:bb:01", said, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Path.Combine(ova, "a b.vmdk"), machine.Disks[0].ImagePath);
    }
}
