using Hyper2Kvm.Booting;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Domains;

/// <summary>libvirt's own schema and parser judge what we write.</summary>
public sealed class DomainXmlOracleTests
{
    [OracleFact("virt-xml-validate")]
    public void Schema_accepts_every_combination()
    {
        using TempFolder folder = new();
        foreach ((string label, DomainRequest request) in Combinations())
        {
            string file = folder.File(label + ".xml");
            File.WriteAllText(file, DomainXmlWriter.Write(request));
            ForeignTool.RunOk("virt-xml-validate", file, "domain");
        }
    }

    /// <summary>One virsh for all: libvirt parses each file, and the final domain takes the place of the bootstrap one.</summary>
    [OracleFact("virsh")]
    public void Libvirt_defines_every_combination()
    {
        using TempFolder folder = new();
        List<string> commands = [];
        foreach ((string label, DomainRequest request) in Combinations())
        {
            File.WriteAllText(folder.File(label + ".xml"), DomainXmlWriter.Write(request));
            commands.Add($"define --validate {folder.File(label + ".xml")}");
            commands.Add("domuuid WEB01");
        }

        string said = ForeignTool.RunOk("virsh", "--quiet", "-c", "test:///default", string.Join(';', commands));
        int defined = said.Split('\n').Count(line => Guid.TryParse(line, out _));
        Assert.Equal(commands.Count / 2, defined);
    }

    /// <summary>libvirt's real QEMU driver, within virsh itself and with a root folder of its own: it defines each file and makes QEMU's command line of it.</summary>
    [OracleFact("virsh", "qemu-system-x86_64", "libvirtd")]
    public void QEMU_driver_of_libvirt_defines_every_generation_and_turns_it_into_a_command_line()
    {
        using TempFolder folder = new();
        List<string> commands = [];
        foreach ((string label, DomainRequest request) in Combinations().DistinctBy(item => (item.Request.Layout.Windows, item.Request.Layout.Hal, item.Request.Layout.Firmware, item.Request.Phase)))
        {
            if (request.Layout is { Firmware: FirmwareMode.Uefi, Windows.Architecture: GuestArchitecture.X86 } && !Has32BitUefi)
            {
                continue;
            }

            string xml = DomainXmlWriter.Write(request);
            string file = folder.File(label + ".xml");
            File.WriteAllText(file, File.Exists("/dev/kvm") ? xml : xml.Replace("<domain type=\"kvm\">", "<domain type=\"qemu\">", StringComparison.Ordinal));
            commands.Add($"define --validate {file}");
            commands.Add($"domxml-to-native qemu-argv {file}");
            commands.Add("undefine WEB01 --nvram");
        }

        string said = ForeignTool.RunOk("virsh", "--quiet", "-c", $"qemu:///embed?root={folder.File("root")}", string.Join(';', commands));
        Assert.Equal(commands.Count / 3, said.Split("-name guest=WEB01").Length - 1);
    }

    /// <summary>A daemon that the test starts, with the QEMU driver that administrators have: it defines both phases of each generation, says them
    /// back with the devices that we gave, and the final domain takes the place of the bootstrap one.</summary>
    [OracleFact("virsh", "qemu-system-x86_64", "libvirtd", "setpriv", "chown")]
    public void A_running_libvirtd_defines_both_phases_of_every_generation()
    {
        using TempFolder folder = new();
        using PrivateLibvirt libvirt = new();
        List<string> commands = [];
        (string Label, DomainRequest Request)[] combinations =
            [.. Combinations().DistinctBy(item => (item.Request.Layout.Windows, item.Request.Layout.Hal, item.Request.Layout.Firmware, item.Request.Phase))
                .Where(item => Has32BitUefi || item.Request.Layout is not { Firmware: FirmwareMode.Uefi, Windows.Architecture: GuestArchitecture.X86 })];
        foreach ((string label, DomainRequest request) in combinations)
        {
            string file = folder.File(label + ".xml");
            File.WriteAllText(file, DomainXmlWriter.Write(request).Replace("<domain type=\"kvm\">", "<domain type=\"qemu\">", StringComparison.Ordinal));
            commands.Add($"define --validate {file}");
            commands.Add("domuuid WEB01");
            commands.Add("domblklist WEB01");
            commands.AddRange(request.Phase == DomainPhase.Final ? ["dumpxml --inactive WEB01", "undefine WEB01 --nvram"] : (string[])[]);
        }

        string said = libvirt.Virsh([.. commands]);
        Assert.Equal(combinations.Length, said.Split('\n').Count(line => Guid.TryParse(line.Trim(), out _)));
        // The disk of Windows comes first: on SATA or IDE, then on VirtIO.
        string image = combinations[0].Request.ImagePath;
        string[] places = [.. said.Split('\n').Where(line => line.TrimEnd().EndsWith(image, StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0])];
        Assert.Equal(combinations.Select(item => item.Request.Phase == DomainPhase.Final ? "vda" : item.Request.Layout.Windows.Major < 6 ? "hda" : "sda"), places);
        Assert.Equal(combinations.Length / 2, said.Split("name='org.qemu.guest_agent.0'").Length - 1);
    }

    /// <summary>Of the package ovmf-ia32; without it libvirt has nothing to choose from, which says nothing about our XML.</summary>
    private static bool Has32BitUefi => QemuFirmware.Find("i386", "q35", secureBoot: false, hasSmm: true) is not null && ForeignTool.Find("qemu-system-i386") is not null;

    private static IEnumerable<(string Label, DomainRequest Request)> Combinations() =>
        from guest in Guests.All
        from firmware in Enum.GetValues<FirmwareMode>()
        from phase in Enum.GetValues<DomainPhase>()
        from bus in Enum.GetValues<StorageBus>()
        where guest.Version.Major > 5 || (firmware == FirmwareMode.Bios && bus == StorageBus.VirtioBlk)
        from dataDisks in (int[])[0, 10]
        from hal in guest.Version.Major < 6 ? (string?[])["acpipic_up", "e_isa_up"] : [null]
        let request = Guests.Request(Guests.Layout(guest.Version, firmware) with { Hal = hal }, phase, bus)
        select (
            $"{guest.OsInfo}-{guest.Version.Build}-{firmware}-{phase}-{bus}-{dataDisks}-{hal}",
            request with
            {
                SecureBoot = firmware == FirmwareMode.Uefi && guest.Version.Build >= 22000,
                Tpm = dataDisks > 0 ? true : null,
                CpuMode = dataDisks > 0 ? DomainCpuMode.HostPassthrough : DomainCpuMode.HostModel,
                Networks = dataDisks > 0 ? [new DomainNetwork("br0", IsBridge: true)] : [],
                DataDisks = [.. Enumerable.Range(0, dataDisks).Select(i => new DomainDisk($"/images/data{i}.raw", "raw", IsBootDisk: i == 3))],
            });
}
