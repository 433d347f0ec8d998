using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Machines;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Machines;

public class VmxReaderTests
{
    [DataFact("vmconfig/test-i-vmx-1.vmx", "vmconfig/test-i-vmx-4.vmx", "vmconfig/test-i-vmx-7.vmx")]
    public void Real_files()
    {
        SourceMachine server = Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-vmx-7.vmx")));
        Assert.Equal(("win2019", "windows2019srv-64"), (server.Name, server.OsId));
        Assert.Equal((2, 2, 1, 4L << 30), (server.CpuCount, server.SocketCount, server.CoresPerSocket, server.MemoryBytes));
        Assert.Equal((FirmwareMode.Uefi, true, false), (server.Firmware, server.SecureBoot, server.Tpm));
        Assert.Equal(["win2019.vmdk", "win2019_1.vmdk"], server.Disks.Select(disk => disk.Source));
        Assert.Equal([DiskController.Scsi, DiskController.Sata], server.Disks.Select(disk => disk.Controller));
        Assert.Equal(("lsisas1068", 3), (server.Disks[0].ControllerModel, server.Disks[1].Unit));
        Assert.Equal(("00:0c:29:46:9b:0b", "VM Network", "vmxnet3"), (server.Nics[0].MacAddress, server.Nics[0].NetworkName, server.Nics[0].Model));
        SourceMachine many = Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-vmx-1.vmx")));
        Assert.Equal(21, many.Disks.Count);
        Assert.Equal((1, 5), (many.Disks[20].Bus, many.Disks[20].Unit));
        Assert.Equal((0, 10), (many.Disks[9].Bus, many.Disks[9].Unit)); // by number, not by text
        Assert.Equal(FirmwareMode.Bios, Assert.Single(MachineReader.Read(SharedData.PathOf("vmconfig/test-i-vmx-4.vmx"))).Firmware);
    }

    /// <summary>VMware keeps the SMBIOS bytes; a guest reads the first three fields of a UUID little-endian, as QEMU writes them.</summary>
    [Fact]
    public void Uuid_as_VMware_shows_it_and_as_the_guest_reads_it()
    {
        using TempFolder folder = new();
        SourceMachine machine = Read(folder, "uuid.bios = \"56 4d 6c 27 96 ea 12 07-6f 0b b1 1d 81 46 9b 0b\"");
        Assert.Equal(new Guid("564d6c27-96ea-1207-6f0b-b11d81469b0b"), machine.Uuid);
        Assert.Equal(new Guid("276c4d56-ea96-0712-6f0b-b11d81469b0b"), machine.SmbiosUuid);
    }

    [Fact]
    public void Encodings_and_escapes()
    {
        using TempFolder folder = new();
        foreach ((string name, Encoding encoding) in new[]
        {
            ("UTF-8", (Encoding)new UTF8Encoding(true)), ("windows-1252", CodePagesEncodingProvider.Instance.GetEncoding(1252)!),
            ("Shift_JIS", CodePagesEncodingProvider.Instance.GetEncoding(932)!), ("GB18030", CodePagesEncodingProvider.Instance.GetEncoding(54936)!),
        })
        {
            string title = name is "UTF-8" or "windows-1252" ? "Büro |22Süd|22" : "日本 |22東|22";
            File.WriteAllText(folder.File("x.vmx"), $".encoding = \"{name}\"\nconfig.version = \"8\"\ndisplayName = \"{title}\"\n", encoding);
            Assert.Equal(title.Replace("|22", "\"", StringComparison.Ordinal), Assert.Single(MachineReader.Read(folder.File("x.vmx"))).Name);
        }

        File.WriteAllText(folder.File("x.vmx"), ".encoding = \"klingon\"\n");
        Assert.Equal("VmxEncodingUnknown", Assert.Throws<UnsupportedFeatureException>(() => MachineReader.Read(folder.File("x.vmx"))).ErrorId);
    }

    [Theory]
    [InlineData("[datastore1] web01/web01-000002.vmdk")]
    [InlineData("/vmfs/volumes/624d796f/web01/web01-000002.vmdk")]
    [InlineData("D:\\VMs\\web01\\web01-000002.vmdk")]
    [InlineData("web01-000002.vmdk")]
    public void A_disk_is_found_beside_the_file(string written)
    {
        using TempFolder folder = new();
        SourceMachine machine = Read(folder, $"scsi0:0.fileName = \"{written}\"\nscsi0:0.present = \"TRUE\"");
        Assert.Null(machine.Disks[0].ImagePath);
        Assert.Equal(written, machine.Disks[0].Source);
        File.WriteAllBytes(folder.File("web01-000002.vmdk"), []);
        Assert.Equal(folder.File("web01-000002.vmdk"), Read(folder, $"scsi0:0.fileName = \"{written}\"").Disks[0].ImagePath);
    }

    [Fact]
    public void What_is_no_disk_or_not_there_is_left_out_and_order_is_the_firmware_s()
    {
        using TempFolder folder = new();
        SourceMachine machine = Read(
            folder,
            """
            ide0:0.present = "TRUE"
            ide0:0.fileName = "boot.vmdk"
            scsi0:0.fileName = "a.vmdk"
            SCSI0:2.FileName = "gone.vmdk"
            scsi0:2.present = "FALSE"
            scsi0:1.fileName = "auto detect"
            scsi0:1.deviceType = "cdrom-raw"
            nvme0:0.fileName = "n.vmdk"
            sata0:1.deviceType = "atapi-cdrom"
            sata0:1.fileName = "trick.vmdk"
            scsi0:3.fileName = "/etc/passwd"
            scsi0:3.deviceType = "disk"
            bios.hddOrder = "ide0:0,nvme0:0"
            ethernet1.present = "TRUE"
            ethernet1.addressType = "static"
            ethernet1.address = "00:50:56:00:00:09"
            ethernet1.generatedAddress = "00:0c:29:00:00:01"
            ethernet1.connectionType = "bridged"
            ethernet0.present = "FALSE"
            """);
        Assert.Equal(["boot.vmdk", "n.vmdk", "a.vmdk", "/etc/passwd"], machine.Disks.Select(disk => disk.Source));
        Assert.All(machine.Disks, disk => Assert.Null(disk.ImagePath));
        Assert.Equal(("00:50:56:00:00:09", "bridged"), (Assert.Single(machine.Nics).MacAddress, machine.Nics[0].NetworkName));
    }

    [Fact]
    public void Encrypted_files_are_refused()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("x.vmx"), ".encoding = \"UTF-8\"\nencryption.keySafe = \"vmware:key\"\nencryption.data = \"AAAA\"\n");
        Assert.Equal("VmxEncrypted", Assert.Throws<UnsupportedFeatureException>(() => MachineReader.Read(folder.File("x.vmx"))).ErrorId);
    }

    [Fact]
    public void Six_processors_in_sockets_of_four_get_a_socket_each()
    {
        using TempFolder folder = new();
        SourceMachine machine = Read(folder, "numvcpus = \"6\"\ncpuid.coresPerSocket = \"4\"");
        Assert.Equal((6, 6, 1), (machine.CpuCount, machine.SocketCount, machine.CoresPerSocket));
        Assert.Single(machine.Warnings);
    }

    private static SourceMachine Read(TempFolder folder, string lines) =>
        Descriptions.Read(folder, "x.vmx", $".encoding = \"UTF-8\"\nconfig.version = \"8\"\n{lines}\n");
}
