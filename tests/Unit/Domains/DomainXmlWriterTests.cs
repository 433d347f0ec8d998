using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Unit.Domains;

public sealed class DomainXmlWriterTests
{
    private static readonly WindowsVersion s_xp = Guests.Version(5, 1, 2600, architecture: GuestArchitecture.X86);
    private static readonly WindowsVersion s_windows7 = Guests.Version(6, 1, 7601);
    private static readonly WindowsVersion s_windows11 = Guests.Version(10, 0, 22631);
    private static readonly WindowsVersion s_server2022 = Guests.Version(10, 0, 20348, isServer: true);

    [Fact]
    public void Phases_differ_in_disk_bus_card_iso_and_dummy_and_in_nothing_else()
    {
        foreach ((string _, WindowsVersion version) in Guests.All)
        {
            foreach (DomainRequest request in Machines(version))
            {
                XElement first = Domain(request);
                XElement second = Domain(request with { Phase = DomainPhase.Final });
                Assert.NotEqual(Bus(first), Bus(second));
                Assert.Equal(
                    [request.DriverIso, request.DummyDiskPath],
                    Files(first).Except(Files(second)));
                Assert.Empty(Files(second).Except(Files(first)));
                Assert.Equal(Bus(second), first.Descendants("disk").Last().Element("target")!.Attribute("bus")!.Value);
                foreach (XElement domain in (XElement[])[first, second])
                {
                    domain.Element("devices")!.Elements("disk").Remove();
                    domain.Descendants("interface").Elements("model").Remove();
                    domain.Descendants("interface").Elements("driver").Remove();
                }

                Assert.Equal(first.ToString(), second.ToString());
            }
        }

        static IEnumerable<DomainRequest> Machines(WindowsVersion version) =>
            from firmware in Enum.GetValues<FirmwareMode>()
            from bus in Enum.GetValues<StorageBus>()
            where version.Major > 5 || (firmware == FirmwareMode.Bios && bus == StorageBus.VirtioBlk)
            select Guests.Request(Guests.Layout(version, firmware), bus: bus) with
            {
                SecureBoot = firmware == FirmwareMode.Uefi, Tpm = true, DataDisks = [new DomainDisk("/images/data.raw", "raw")],
            };

        static IEnumerable<string> Files(XElement domain) => domain.Descendants("disk").Select(disk => disk.Element("source")!.Attribute("file")!.Value);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("acpiapic_mp", true)]
    [InlineData("acpipic_up", true)]
    [InlineData("e_isa_up", false)]
    [InlineData("mps_mp", false)]
    public void A_HAL_without_ACPI_gets_a_machine_without(string? hal, bool acpi)
    {
        WindowsLayout layout = Guests.Layout(s_xp, FirmwareMode.Bios) with { Hal = hal };
        XElement domain = Domain(Guests.Request(layout));
        Assert.Equal(acpi, domain.Element("features")!.Element("acpi") is not null);
        Assert.Equal(acpi, domain.Element("pm") is not null);
        Assert.Equal(!acpi, DomainText.Write(Guests.Request(layout), KvmDomainKind.Proxmox).Contains(" --acpi 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_blue_screen_is_told_to_the_host_from_windows_8_on()
    {
        Assert.Empty(Domain(Guests.Request(Guests.Layout(s_windows7))).Descendants("panic"));
        XElement domain = Domain(Guests.Request(Guests.Layout(Guests.Version(6, 2, 9200))));
        Assert.Equal("hyperv", Assert.Single(domain.Descendants("panic")).Attribute("model")!.Value);
        Assert.Equal("restart", domain.Element("on_crash")!.Value);
    }

    [Fact]
    public void Processor_is_the_hosts_model_or_the_host_itself()
    {
        DomainRequest request = Guests.Request(Guests.Layout(s_server2022));
        Assert.Equal("host-model", Domain(request).Element("cpu")!.Attribute("mode")!.Value);
        Assert.Equal("host-passthrough", Domain(request with { CpuMode = DomainCpuMode.HostPassthrough }).Element("cpu")!.Attribute("mode")!.Value);
    }

    [Theory]
    [InlineData(StorageBus.VirtioBlk, "virtio", "vda", 0)]
    [InlineData(StorageBus.VirtioScsi, "scsi", "sda", 1)]
    public void Final_domain_starts_from_virtio_without_iso_and_dummy(StorageBus bus, string expectedBus, string device, int controllers)
    {
        XElement domain = Domain(Guests.Request(Guests.Layout(s_server2022), DomainPhase.Final, bus));
        XElement disk = Assert.Single(domain.Descendants("disk"));
        Assert.Equal(expectedBus, Bus(domain));
        Assert.Equal(device, disk.Element("target")!.Attribute("dev")!.Value);
        Assert.Equal("1", disk.Element("boot")!.Attribute("order")!.Value);
        Assert.Equal(controllers, domain.Descendants("controller").Count(c => c.Attribute("model")?.Value == "virtio-scsi"));
        Assert.Equal("virtio", Card(domain));
    }

    [Fact]
    public void Bootstrap_of_a_modern_guest_uses_sata_with_iso_and_dummy()
    {
        XElement domain = Domain(Guests.Request(Guests.Layout(s_server2022)));
        Assert.Equal(["sda sata disk", "sdb sata cdrom", "vda virtio disk"], domain.Descendants("disk").Select(Describe));
        Assert.Equal("e1000e", Card(domain));
        Assert.Equal("q35", Machine(domain));
    }

    [Fact]
    public void Bootstrap_of_xp_uses_ide_on_i440fx_and_a_realtek_card()
    {
        XElement domain = Domain(Guests.Request(Guests.Layout(s_xp)));
        Assert.Equal(["hda ide disk", "hdc ide cdrom", "vda virtio disk"], domain.Descendants("disk").Select(Describe));
        Assert.Equal("rtl8139", Card(domain));
        Assert.Equal("pc", Machine(domain));
        Assert.Equal(["relaxed"], domain.Descendants("hyperv").Elements().Select(e => e.Name.LocalName));
        Assert.DoesNotContain("hypervclock", domain.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bootstrap_without_iso_and_dummy_has_one_disk_and_still_the_scsi_controller()
    {
        DomainRequest request = Guests.Request(Guests.Layout(s_server2022), bus: StorageBus.VirtioScsi);
        XElement domain = Domain(request with { DriverIso = null, DummyDiskPath = null });
        Assert.Single(domain.Descendants("disk"));
        Assert.Contains(domain.Descendants("controller"), c => c.Attribute("model")?.Value == "virtio-scsi");
    }

    [Fact]
    public void Enlightenments_grow_with_the_version_and_bring_what_they_need()
    {
        Assert.Equal(["relaxed", "vapic", "spinlocks"], HyperV(s_windows7));
        Assert.Equal(
            ["relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer", "frequencies", "tlbflush", "ipi"],
            HyperV(s_server2022));

        static IEnumerable<string> HyperV(WindowsVersion version)
        {
            XElement domain = Domain(Guests.Request(Guests.Layout(version)));
            Assert.Contains(domain.Descendants("timer"), timer => timer.Attribute("name")!.Value == "hypervclock");
            return domain.Descendants("hyperv").Elements().Select(e => e.Name.LocalName);
        }
    }

    [Fact]
    public void Usb_controller_is_one_that_the_guest_has_a_driver_for()
    {
        Assert.Equal(["ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3"], Usb(s_windows7));
        Assert.Equal(["qemu-xhci"], Usb(s_windows11));

        static IEnumerable<string> Usb(WindowsVersion version) => Domain(Guests.Request(Guests.Layout(version)))
            .Descendants("controller").Where(c => c.Attribute("type")!.Value == "usb").Select(c => c.Attribute("model")!.Value);
    }

    [Fact]
    public void Firmware_is_kept_and_secure_boot_brings_smm()
    {
        XElement bios = Domain(Guests.Request(Guests.Layout(s_server2022)));
        Assert.Null(bios.Element("os")!.Attribute("firmware"));

        DomainRequest request = Guests.Request(Guests.Layout(s_server2022, FirmwareMode.Uefi));
        XElement plain = Domain(request);
        Assert.Equal("efi", plain.Element("os")!.Attribute("firmware")!.Value);
        Assert.All(plain.Descendants("feature"), feature => Assert.Equal("no", feature.Attribute("enabled")!.Value));
        Assert.Empty(plain.Descendants("smm"));

        XElement secure = Domain(request with { SecureBoot = true });
        Assert.All(secure.Descendants("feature"), feature => Assert.Equal("yes", feature.Attribute("enabled")!.Value));
        Assert.Equal("on", Assert.Single(secure.Descendants("smm")).Attribute("state")!.Value);
    }

    /// <summary>Debian and Fedora have 32-bit firmware that needs SMM only; whether its build can do Secure Boot is left open.</summary>
    [Fact]
    public void A_32_bit_UEFI_guest_gets_SMM_and_no_keys()
    {
        XElement domain = Domain(Guests.Request(Guests.Layout(Guests.Version(10, 0, 19045, architecture: GuestArchitecture.X86), FirmwareMode.Uefi)));
        XElement feature = Assert.Single(domain.Element("os")!.Descendants("feature"));
        Assert.Equal(("enrolled-keys", "no"), (feature.Attribute("name")!.Value, feature.Attribute("enabled")!.Value));
        Assert.Equal("on", Assert.Single(domain.Descendants("smm")).Attribute("state")!.Value);
        Assert.Equal("i686", domain.Element("os")!.Element("type")!.Attribute("arch")!.Value);
    }

    [Theory]
    [InlineData(10, 2, 4, "8")]
    [InlineData(10, 1, 2, "2")]
    [InlineData(10, 4, 8, "8")]
    [InlineData(10, 1, 1, null)]
    [InlineData(6, 2, 4, null)]
    public void VirtIO_devices_get_a_queue_for_each_processor(int major, int sockets, int cores, string? queues)
    {
        WindowsVersion windows = major == 10 ? s_server2022 : s_windows7;
        foreach (StorageBus bus in Enum.GetValues<StorageBus>())
        {
            DomainRequest request = Guests.Request(Guests.Layout(windows), DomainPhase.Final, bus) with { Sockets = sockets, Cores = cores };
            XElement devices = Domain(request).Element("devices")!;
            XElement disk = bus == StorageBus.VirtioScsi
                ? devices.Elements("controller").First(controller => controller.Attribute("type")!.Value == "scsi")
                : devices.Element("disk")!;
            Assert.Equal(queues, disk.Element("driver")!.Attribute("queues")?.Value);
            Assert.Equal("1", disk.Element("driver")!.Attribute("iothread")!.Value);
            Assert.Equal(queues, devices.Element("interface")!.Element("driver")?.Attribute("queues")?.Value);
            string line = string.Join(' ', QemuCommandLine.From(DomainXmlWriter.Write(request), new QemuHost()));
            Assert.Equal(queues is not null, line.Contains($"{(bus == StorageBus.VirtioScsi ? "num_queues" : "num-queues")}={queues}", StringComparison.Ordinal));
            XElement bootstrap = Domain(request with { Phase = DomainPhase.Bootstrap }).Element("devices")!;
            Assert.Null(bootstrap.Element("interface")!.Element("driver"));
            Assert.Equal(queues is null, !DomainText.Write(request, KvmDomainKind.Proxmox).Contains($",queues={queues}", StringComparison.Ordinal));
            Assert.Equal(queues is null, !DomainText.Write(request, KvmDomainKind.KubeVirt).Contains("networkInterfaceMultiqueue: true", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Disks_give_back_what_the_guest_gives_up()
    {
        foreach (DomainPhase phase in Enum.GetValues<DomainPhase>())
        {
            XElement driver = Domain(Guests.Request(Guests.Layout(s_server2022), phase)).Element("devices")!.Element("disk")!.Element("driver")!;
            Assert.Equal(("none", "unmap", "unmap"), (driver.Attribute("cache")!.Value, driver.Attribute("discard")!.Value, driver.Attribute("detect_zeroes")!.Value));
        }
    }

    [Fact]
    public void Tpm_comes_with_windows_11_only_unless_the_caller_decides()
    {
        DomainRequest windows11 = Guests.Request(Guests.Layout(s_windows11, FirmwareMode.Uefi));
        DomainRequest server = Guests.Request(Guests.Layout(Guests.Version(10, 0, 26100, isServer: true), FirmwareMode.Uefi));
        Assert.Single(Domain(windows11).Descendants("tpm"));
        Assert.Empty(Domain(windows11 with { Tpm = false }).Descendants("tpm"));
        Assert.Empty(Domain(server).Descendants("tpm"));
        Assert.Single(Domain(server with { Tpm = true }).Descendants("tpm"));
    }

    [Fact]
    public void Clock_follows_the_guest()
    {
        WindowsLayout layout = Guests.Layout(s_server2022);
        Assert.Equal("localtime", Offset(layout));
        Assert.Equal("utc", Offset(layout with { RealTimeIsUniversal = true }));

        static string Offset(WindowsLayout layout) => Domain(Guests.Request(layout)).Element("clock")!.Attribute("offset")!.Value;
    }

    [Fact]
    public void Libosinfo_id_is_right_for_every_version()
    {
        XNamespace osInfo = "http://libosinfo.org/xmlns/libvirt/domain/1.0";
        foreach ((string id, WindowsVersion version) in Guests.All)
        {
            XElement domain = Domain(Guests.Request(Guests.Layout(version)));
            Assert.Equal($"http://microsoft.com/win/{id}", Assert.Single(domain.Descendants(osInfo + "os")).Attribute("id")!.Value);
        }
    }

    [Fact]
    public void Sectors_of_4096_bytes_are_kept_on_virtio_and_refused_on_sata()
    {
        DomainRequest request = Guests.Request(Guests.Layout(s_server2022) with { SectorSize = 4096 }, DomainPhase.Final);
        Assert.Equal("4096", Assert.Single(Domain(request).Descendants("blockio")).Attribute("logical_block_size")!.Value);
        Refused<UnsupportedFeatureException>("DomainSectorSize", request with { Phase = DomainPhase.Bootstrap });
    }

    [Fact]
    public void Markup_in_paths_and_names_stays_text()
    {
        const string Path = "/images/a & b <c> \"d\" 'e' -- ä €.qcow2";
        DomainRequest request = Guests.Request(Guests.Layout(s_server2022));
        XElement domain = Domain(request with { ImagePath = Path, Identity = request.Identity with { Name = "<web & co> -- 🖥" } });
        Assert.Equal(Path, domain.Descendants("source").First().Attribute("file")!.Value);
        Assert.Equal("<web & co> -- 🖥", domain.Element("name")!.Value);
    }

    [Fact]
    public void Same_request_gives_the_same_text()
    {
        DomainRequest request = Guests.Request(Guests.Layout(s_windows11, FirmwareMode.Uefi));
        string text = DomainXmlWriter.Write(request);
        Assert.Equal(text, DomainXmlWriter.Write(request));
        Assert.StartsWith("<!--\n  Made by Hyper2Kvm: bootstrap domain", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        Assert.EndsWith("</domain>\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_run_is_refused_by_name()
    {
        DomainRequest good = Guests.Request(Guests.Layout(s_server2022));
        DomainIdentity id = good.Identity;
        foreach (string name in (string[])["", " ", "a/b", "a\nb", "a\0b", "\uD800", "\uFFFE", "..", "end ", new string('x', 201)])
        {
            Refused<GuestStateException>("DomainNameInvalid", good with { Identity = id with { Name = name } });
        }

        foreach (string path in (string[])["", "disk.qcow2", @"C:\disk.qcow2", "/a\u0001b", "/images/"])
        {
            Refused<GuestStateException>("DomainPathInvalid", good with { ImagePath = path });
            Refused<GuestStateException>("DomainPathInvalid", good with { DriverIso = path });
            Refused<GuestStateException>("DomainPathInvalid", good with { DummyDiskPath = path });
        }

        foreach (string mac in (string[])["", "52:54:00:12:34", "53:54:00:12:34:56", "00:00:00:00:00:00", "52:54:00:12:34:5g", "52:54:00:12:34:56\n"])
        {
            Refused<GuestStateException>("DomainMacInvalid", good with { Identity = id with { MacAddresses = [mac] } });
        }

        Refused<GuestStateException>(
            "DomainMacInvalid", good with { Identity = id with { MacAddresses = ["52-54-00-AA-34-56", "52:54:00:aa:34:56"] } });
        Refused<GuestStateException>("DomainUuidInvalid", good with { Identity = id with { Uuid = Guid.Empty } });
        Refused<GuestStateException>("DomainNetworkInvalid", good with { NetworkName = "a\tb" });
        Refused<GuestStateException>("DomainMemoryInvalid", good with { MemoryMiB = 0 });
        Refused<GuestStateException>("DomainCpusInvalid", good with { Cores = 0 });
        Refused<GuestStateException>("DomainCpusInvalid", good with { Sockets = 256, Cores = 256 });
        Refused<GuestStateException>("DomainSecureBootNeedsUefi", good with { SecureBoot = true });
        Refused<GuestStateException>("DomainBusWithoutDriver", Guests.Request(Guests.Layout(s_xp), bus: StorageBus.VirtioScsi));
        Refused<GuestStateException>("DomainFirmwareMismatch", Guests.Request(Guests.Layout(s_xp, FirmwareMode.Uefi)));
        Refused<UnsupportedFeatureException>("DomainDiskFormat", good with { DiskFormat = "vhdx" });
        Refused<UnsupportedFeatureException>(
            "DomainArchitecture",
            Guests.Request(Guests.Layout(Guests.Version(10, 0, 22631, architecture: GuestArchitecture.Arm64), FirmwareMode.Uefi)));
    }

    private static void Refused<T>(string errorId, DomainRequest request)
        where T : Hyper2KvmException =>
        Assert.Equal(errorId, Assert.Throws<T>(() => DomainXmlWriter.Write(request)).ErrorId);

    private static XElement Domain(DomainRequest request) => XDocument.Parse(DomainXmlWriter.Write(request)).Root!;

    private static string Bus(XElement domain) => domain.Descendants("target").First().Attribute("bus")!.Value;

    private static string Card(XElement domain) => domain.Descendants("interface").Single().Element("model")!.Attribute("type")!.Value;

    private static string Machine(XElement domain) => domain.Element("os")!.Element("type")!.Attribute("machine")!.Value;

    private static string Describe(XElement disk) =>
        $"{disk.Element("target")!.Attribute("dev")!.Value} {disk.Element("target")!.Attribute("bus")!.Value} {disk.Attribute("device")!.Value}";
}
