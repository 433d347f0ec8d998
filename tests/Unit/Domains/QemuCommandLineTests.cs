using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Domains;

public sealed class QemuCommandLineTests
{
    [Fact]
    public void Each_VirtIO_device_on_q35_has_a_root_port_of_its_own()
    {
        string[] arguments = Line(Guests.Request(Guests.Layout(Guests.Version(10, 0, 20348, isServer: true)), DomainPhase.Final));
        string[] virtio = [.. arguments.Where(argument => argument.StartsWith("virtio-", StringComparison.Ordinal))];
        string[] ports = [.. virtio.Select(device => device.Split(",bus=")[^1])];

        Assert.Equal(5, virtio.Length);
        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.All(ports, port => Assert.Contains(arguments, argument => argument.StartsWith($"pcie-root-port,id={port},", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_domain_without_ACPI_is_a_machine_without()
    {
        WindowsLayout xp = Guests.Layout(Guests.Version(5, 1, 2600, architecture: GuestArchitecture.X86), FirmwareMode.Bios);
        string[] without = Line(Guests.Request(xp with { Hal = "e_isa_up" }));
        Assert.Contains(",acpi=off", After(without, "-machine"), StringComparison.Ordinal);
        Assert.DoesNotContain(without, argument => argument.Contains("PIIX4_PM", StringComparison.Ordinal));
        Assert.DoesNotContain("acpi", After(Line(Guests.Request(xp with { Hal = "acpipic_up" })), "-machine"), StringComparison.Ordinal);
    }

    [Fact]
    public void Enlightenments_are_for_KVM_only()
    {
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 20348, isServer: true)));
        string kvm = After(Line(request), "-cpu");
        string tcg = After(Line(request, new QemuHost { HasKvm = false }), "-cpu");

        Assert.Equal("max", tcg);
        Assert.StartsWith("host,hv-time=on,hv-relaxed=on,hv-vapic=on,hv-spinlocks=8191", kvm, StringComparison.Ordinal);
        Assert.Contains("hv-stimer-direct=on", kvm, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comma_in_a_path_stays_part_of_the_path()
    {
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(6, 1, 7601))) with { ImagePath = "/images/a,b.qcow2" };
        Assert.Contains(Line(request), argument => argument.Contains("file=/images/a,,b.qcow2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<hostdev mode='subsystem'/>", "<hostdev>")]
    [InlineData("<controller type='xenbus'/>", "xenbus")]
    [InlineData("<panic model='s390'/>", "s390")]
    [InlineData("<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/sda'/><target dev='vdb' bus='virtio'/></disk>", "a disk that is not a file")]
    public void What_is_not_understood_is_refused_by_its_name(string element, string named)
    {
        string xml = DomainXmlWriter.Write(Guests.Request(Guests.Layout(Guests.Version(6, 1, 7601))))
            .Replace("</devices>", element + "</devices>", StringComparison.Ordinal);
        UnsupportedFeatureException error = Assert.Throws<UnsupportedFeatureException>(() => QemuCommandLine.From(xml, new QemuHost()));
        Assert.Equal("DomainElementUnknown", error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<domain>")]
    [InlineData("<network/>")]
    [InlineData("<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>&a;</domain>")]
    [InlineData("<domain/>")]
    [InlineData("<domain><name>a</name><uuid>x</uuid><memory>ten</memory></domain>")]
    public void XML_that_is_no_domain_is_refused(string xml) =>
        Assert.Equal("DomainXmlDamaged", Assert.Throws<DiskFormatException>(() => QemuCommandLine.From(xml, new QemuHost())).ErrorId);

    [Fact]
    public void UEFI_and_a_TPM_need_what_the_host_must_have()
    {
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 22631), FirmwareMode.Uefi));
        Assert.Equal("DomainNeedsFirmware", Assert.Throws<GuestStateException>(() => Line(request)).ErrorId);
        QemuHost host = new() { FirmwareCode = "/code.fd", FirmwareVariables = "/vars.fd" };
        Assert.Equal("DomainNeedsTpm", Assert.Throws<GuestStateException>(() => Line(request, host)).ErrorId);
    }

    /// <summary>QEMU itself takes every generation in both phases: it starts, halted, and ends at once.</summary>
    [OracleFact("qemu-system-x86_64", "qemu-img")]
    public void QEMU_accepts_every_generation_of_Windows()
    {
        using TempFolder folder = new();
        string image = folder.File("disk.qcow2");
        string raw = folder.File("raw");
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", image, "1G");
        File.WriteAllBytes(raw, new byte[1 << 20]);
        foreach ((string name, WindowsVersion version) in Guests.All.DistinctBy(guest => guest.OsInfo))
        {
            foreach ((DomainPhase phase, StorageBus bus) in Machines(version))
            {
                DomainRequest request = Guests.Request(Guests.Layout(version) with { Hal = phase == DomainPhase.Final && version.Major < 6 ? "e_isa_up" : null }, phase, bus) with
                {
                    ImagePath = image, DriverIso = raw, DummyDiskPath = folder.File("dummy"), MemoryMiB = 128, Tpm = false,
                };
                File.WriteAllBytes(request.DummyDiskPath!, new byte[1 << 20]);
                QemuHost host = new() { HasKvm = false, HasDisplay = false, SerialLog = folder.File("serial"), Network = "user" };
                (int exitCode, string said, string error) = ForeignTool.Run(
                    "bash",
                    ["-c", "printf '{\"execute\":\"qmp_capabilities\"}\\n{\"execute\":\"quit\"}\\n' | timeout 600 qemu-system-x86_64 \"$@\"", "qemu",
                     .. QemuCommandLine.From(DomainXmlWriter.Write(request).Replace("cache=\"none\"", "", StringComparison.Ordinal), host), "-S", "-qmp", "stdio"]);
                Assert.True(exitCode == 0 && said.Contains("\"QMP\"", StringComparison.Ordinal), $"{name} {phase} {bus}: {error}");
            }
        }
    }

    private static IEnumerable<(DomainPhase Phase, StorageBus Bus)> Machines(WindowsVersion version) => version.Major < 6
        ? [(DomainPhase.Bootstrap, StorageBus.VirtioBlk), (DomainPhase.Final, StorageBus.VirtioBlk)]
        : [(DomainPhase.Bootstrap, StorageBus.VirtioScsi), (DomainPhase.Final, StorageBus.VirtioBlk), (DomainPhase.Final, StorageBus.VirtioScsi)];

    private static string[] Line(DomainRequest request, QemuHost? host = null) =>
        [.. QemuCommandLine.From(DomainXmlWriter.Write(request), host ?? new QemuHost())];

    private static string After(string[] arguments, string option) => arguments[Array.IndexOf(arguments, option) + 1];
}
