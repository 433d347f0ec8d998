using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Machines;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Machines;

/// <summary>Whatever is in a description, the outcome is a machine or a typed error.</summary>
public class MachineDamageTests
{
    private const string Vmx = """
        .encoding = "UTF-8"
        config.version = "8"
        displayName = "web01"
        numvcpus = "8"
        cpuid.coresPerSocket = "4"
        memSize = "16384"
        uuid.bios = "56 4d 6c 27 96 ea 12 07-6f 0b b1 1d 81 46 9b 0b"
        scsi0:0.fileName = "web01.vmdk"
        ethernet0.present = "TRUE"
        ethernet0.generatedAddress = "00:0c:29:46:9b:0b"
        """;

    private const string Libvirt = """
        <domain type='kvm'><name>a</name><uuid>a6277950-3d1b-45d3-b2fd-dc1f385027e1</uuid><memory unit='GiB'>4</memory><vcpu>4</vcpu>
        <cpu><topology sockets='2' cores='2' threads='1'/></cpu><devices><disk device='disk'><source file='a.raw'/><target bus='sata'/><boot order='1'/></disk>
        <interface><mac address='52:54:00:00:00:01'/></interface></devices></domain>
        """;

    [Fact]
    public void Changed_and_cut_descriptions()
    {
        using TempFolder folder = new();
        Random random = new(41);
        string[] huge = ["99999999999999999999999999", "-1", "9223372036854775807", "4294967296", "0", "", "1e400", "${x}", "\u0000", "2^64"];
        foreach (string text in (string[])[Descriptions.Ovf(), Vmx, Libvirt])
        {
            byte[] whole = Encoding.UTF8.GetBytes(text);
            for (int i = 0; i < 1500; i++)
            {
                byte[] damaged = i % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
                for (int n = random.Next(0, 4); n > 0 && damaged.Length > 0; n--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                AssertTyped(folder, damaged);
            }

            // Each number by each of the worst.
            foreach (System.Text.RegularExpressions.Match number in System.Text.RegularExpressions.Regex.Matches(text, "(?<=[\">'])\\d+(?=[\"<'])"))
            {
                foreach (string value in huge)
                {
                    AssertTyped(folder, Encoding.UTF8.GetBytes(text[..number.Index] + value + text[(number.Index + number.Length)..]));
                }
            }
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><domain><name>&b;</name></domain>")]
    [InlineData("<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><domain><name>&a;</name></domain>")]
    [InlineData("<!DOCTYPE a SYSTEM \"http://localhost/a.dtd\"><domain/>")]
    [InlineData("<domain>")]
    [InlineData("<Envelope/>")]
    public void Entities_and_half_documents(string text)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("x"), text);
        Assert.Equal("MachineDescriptionDamaged", Assert.Throws<DiskFormatException>(() => MachineReader.Read(folder.File("x"))).ErrorId);
    }

    [Fact]
    public void Depth_and_size_have_bounds()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("x"), $"<domain>{string.Concat(Enumerable.Repeat("<a>", 100_000))}");
        Assert.Equal("MachineDescriptionDamaged", Assert.Throws<DiskFormatException>(() => MachineReader.Read(folder.File("x"))).ErrorId);
        File.WriteAllText(folder.File("x"), "<domain>" + new string(' ', 5 * 1024 * 1024));
        Assert.Equal("MachineDescriptionTooLarge", Assert.Throws<DiskFormatException>(() => MachineReader.Read(folder.File("x"))).ErrorId);
        File.WriteAllText(folder.File("x"), ".encoding = \"UTF-8\"\n" + string.Concat(Enumerable.Repeat("a = \"1\"\n", 70_000)));
        Assert.Equal("MachineDescriptionDamaged", Assert.Throws<DiskFormatException>(() => MachineReader.Read(folder.File("x"))).ErrorId);
    }

    /// <summary>Thousands of devices are cut off, and cost no more than their text.</summary>
    [Fact]
    public void Thousands_of_devices()
    {
        using TempFolder folder = new();
        string disks = string.Concat(Enumerable.Range(100, 6000).Select(i => Descriptions.Disk(i, 3, i, i % 2 == 0 ? "d1" : $"none{i}")));
        SourceMachine machine = Descriptions.Read(folder, "x.ovf", Descriptions.Ovf(hardware: disks));
        Assert.Equal((1024, 100), (machine.Disks.Count, machine.Warnings.Count));
        string many = string.Concat(Enumerable.Repeat("<disk><source file='a'/></disk><interface><mac address='x'/></interface>", 6000));
        machine = Descriptions.Read(folder, "x.xml", $"<domain><name>a</name><devices>{many}</devices></domain>");
        Assert.Equal((1024, 1024), (machine.Disks.Count, machine.Nics.Count));
        Descriptions.Read(folder, "x.vmx", ".encoding = \"UTF-8\"\n" + "a = " + new string(' ', 1_000_000) + "\"\n" + new string('\n', 30_000));
    }

    [DataFact("vmconfig/virtualbox-GOAD-DC01.vbox", "vmconfig/hyperv-B90AC31B-C6F8-479F-9B91-07B894A6A3F6.xml", "vmconfig/hyperv-EC04F346-DB96-4700-AF5B-77B3C56C38BD.vmcx")]
    public void What_other_hypervisors_write_is_refused_by_name()
    {
        Assert.Equal("VirtualBoxNotSupported", Refusal("vmconfig/virtualbox-GOAD-DC01.vbox"));
        Assert.Equal("HyperVXmlNotSupported", Refusal("vmconfig/hyperv-B90AC31B-C6F8-479F-9B91-07B894A6A3F6.xml"));
        Assert.Equal("VmcxNotSupported", Refusal("vmconfig/hyperv-EC04F346-DB96-4700-AF5B-77B3C56C38BD.vmcx"));
    }

    private static string Refusal(string data) =>
        Assert.Throws<UnsupportedFeatureException>(() => MachineReader.Read(SharedData.PathOf(data))).ErrorId;

    private static void AssertTyped(TempFolder folder, byte[] bytes)
    {
        File.WriteAllBytes(folder.File("x"), bytes);
        try
        {
            Assert.NotEmpty(MachineReader.Read(folder.File("x")));
        }
        catch (Hyper2KvmException)
        {
        }
    }
}
