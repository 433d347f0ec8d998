using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>Writes libvirt domain XML for a Windows guest: https://libvirt.org/formatdomain.html.</summary>
/// <remarks>The two phases differ in the disk's bus, the network card's model, the driver ISO and the dummy disk, and in nothing else: every
/// other device that Windows meets in the second boot it has met in the first. The firmware mode is the source's. The domain
/// has type <c>kvm</c>.</remarks>
public static class DomainXmlWriter
{
    private static readonly XNamespace s_osInfo = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

    /// <summary>The domain as an XML document without declaration, for a file in UTF-8; the same request gives the same text.</summary>
    /// <exception cref="GuestStateException"><c>DomainNameInvalid</c>, <c>DomainUuidInvalid</c>, <c>DomainMacInvalid</c>,
    /// <c>DomainPathInvalid</c>, <c>DomainNetworkInvalid</c>, <c>DomainMemoryInvalid</c>, <c>DomainCpusInvalid</c>,
    /// <c>DomainFirmwareMismatch</c>, <c>DomainSecureBootNeedsUefi</c>, <c>DomainBusWithoutDriver</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DomainArchitecture</c>, <c>DomainDiskFormat</c>, <c>DomainSectorSize</c>.</exception>
    public static string Write(DomainRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        WindowsProfile profile = new(request.Layout.Windows);
        DomainChecks.Check(request, profile);

        XDocument document = new(Header(request), Domain(request, profile));
        XmlWriterSettings settings = new() { Indent = true, IndentChars = "  ", NewLineChars = "\n", OmitXmlDeclaration = true };
        StringBuilder text = new();
        using (XmlWriter writer = XmlWriter.Create(text, settings))
        {
            document.WriteTo(writer);
        }

        return text.Append('\n').ToString();
    }

    private static XComment Header(DomainRequest request) => new(request.Phase == DomainPhase.Bootstrap
        ? """

          Made by Hyper2Kvm: bootstrap domain (first boot on KVM), disk on SATA or IDE.
          Copy this file, the disks, the CD and the small dummy disk to the KVM host, then: virsh define FILE, virsh start NAME.
          The dummy disk makes Windows install the driver of its final bus; it stays empty.
          Let Windows start, sign in, install the drivers from the CD (virtio-win-gt), and shut Windows down cleanly.
          Then define the final domain: it has the same name and UUID and replaces this one.

        """
        : """

          Made by Hyper2Kvm: final domain (production), disk and network card on VirtIO.
          Copy this file to the KVM host, then: virsh define FILE, virsh start NAME.
          It has the same name and UUID as the bootstrap domain and replaces it: shut that one down first.

        """);

    private static XElement Domain(DomainRequest request, WindowsProfile profile) => new(
        "domain",
        new XAttribute("type", "kvm"),
        new XElement("name", request.Identity.Name),
        new XElement("uuid", request.Identity.Uuid.ToString("D")),
        Metadata(profile),
        new XElement("memory", new XAttribute("unit", "MiB"), request.MemoryMiB),
        new XElement("currentMemory", new XAttribute("unit", "MiB"), request.MemoryMiB),
        new XElement("vcpu", new XAttribute("placement", "static"), request.Sockets * request.Cores),
        new XElement("iothreads", 1),
        OperatingSystem(request, profile),
        Features(request, profile),
        Cpu(request),
        Clock(request, profile),
        new XElement("on_poweroff", "destroy"),
        new XElement("on_reboot", "restart"),
        // A blue screen is told to the host by the panic device; the server has to come back as it does on hardware.
        new XElement("on_crash", "restart"),
        // Sleep is a matter of ACPI.
        request.Layout.KnowsAcpi ? new XElement("pm", Switch("suspend-to-mem", "enabled", false), Switch("suspend-to-disk", "enabled", false)) : null,
        DomainDevices.Write(request, profile));

    private static XElement Metadata(WindowsProfile profile) => new(
        "metadata",
        new XElement(
            s_osInfo + "libosinfo",
            new XAttribute(XNamespace.Xmlns + "libosinfo", s_osInfo.NamespaceName),
            new XElement(s_osInfo + "os", new XAttribute("id", profile.OsInfoId))));

    /// <summary>UEFI by libvirt's own choice of firmware file: paths differ between distributions.</summary>
    private static XElement OperatingSystem(DomainRequest request, WindowsProfile profile)
    {
        bool isUefi = request.Layout.Firmware == FirmwareMode.Uefi;
        // 32-bit Windows starts from a 32-bit UEFI only; a BIOS starts either on an x86_64 machine.
        string arch = isUefi && profile.Is32Bit ? "i686" : "x86_64";
        XElement type = new("type", new XAttribute("arch", arch), new XAttribute("machine", profile.Machine), "hvm");
        if (!isUefi)
        {
            return new XElement("os", type);
        }

        // Of 32-bit firmware there is often only the build that can do Secure Boot; without keys it does not.
        XElement? secureBoot = profile.Is32Bit && !request.SecureBoot ? null : FirmwareFeature("secure-boot", request.SecureBoot);
        return new XElement(
            "os", new XAttribute("firmware", "efi"), type, new XElement("firmware", FirmwareFeature("enrolled-keys", request.SecureBoot), secureBoot));
    }

    private static XElement FirmwareFeature(string name, bool enabled)
    {
        XElement feature = Switch("feature", "enabled", enabled);
        feature.Add(new XAttribute("name", name));
        return feature;
    }

    private static XElement Features(DomainRequest request, WindowsProfile profile) => new(
        "features",
        request.Layout.KnowsAcpi ? new XElement("acpi") : null,
        new XElement("apic"),
        profile.Is32Bit ? new XElement("pae") : null,
        HyperV(profile),
        // The VMware backdoor port: what is left of VMware Tools must not take this for a VMware machine.
        State("vmport", false),
        NeedsSmm(request, profile) ? State("smm", true) : null);

    /// <summary>Firmware that can do Secure Boot keeps its variables where only System Management Mode can write them.</summary>
    internal static bool NeedsSmm(DomainRequest request, WindowsProfile profile) =>
        request.SecureBoot || (request.Layout.Firmware == FirmwareMode.Uefi && profile.Is32Bit);

    /// <summary>Each generation gets what its kernel uses. synic needs vpindex; stimer needs synic and the hypervclock timer; tlbflush
    /// and ipi need vpindex.</summary>
    internal static XElement HyperV(WindowsProfile profile)
    {
        XElement hyperv = new("hyperv", new XAttribute("mode", "custom"), State("relaxed", true));
        if (!profile.IsNt5)
        {
            hyperv.Add(State("vapic", true), new XElement("spinlocks", new XAttribute("state", "on"), new XAttribute("retries", 8191)));
        }

        if (profile.IsWindows8OrLater)
        {
            XElement stimer = State("stimer", true);
            if (profile.IsWindows10OrLater)
            {
                stimer.Add(State("direct", true));
            }

            hyperv.Add(State("vpindex", true), State("runtime", true), State("synic", true), stimer, State("frequencies", true));
        }

        if (profile.IsWindows10OrLater)
        {
            hyperv.Add(State("tlbflush", true), State("ipi", true));
        }

        return hyperv;
    }

    private static XElement Cpu(DomainRequest request) => new(
        "cpu",
        request.CpuMode == DomainCpuMode.HostPassthrough
            ? [new XAttribute("mode", "host-passthrough"), new XAttribute("check", "none"), new XAttribute("migratable", "on")]
            : (XAttribute[])[new XAttribute("mode", "host-model"), new XAttribute("check", "partial")],
        new XElement(
            "topology",
            new XAttribute("sockets", request.Sockets),
            new XAttribute("dies", 1),
            new XAttribute("cores", request.Cores),
            new XAttribute("threads", 1)));

    private static XElement Clock(DomainRequest request, WindowsProfile profile) => new(
        "clock",
        new XAttribute("offset", request.Layout.RealTimeIsUniversal ? "utc" : "localtime"),
        new XElement("timer", new XAttribute("name", "rtc"), new XAttribute("tickpolicy", "catchup")),
        new XElement("timer", new XAttribute("name", "pit"), new XAttribute("tickpolicy", "delay")),
        new XElement("timer", new XAttribute("name", "hpet"), new XAttribute("present", "no")),
        profile.IsNt5 ? null : new XElement("timer", new XAttribute("name", "hypervclock"), new XAttribute("present", "yes")));

    private static XElement State(string name, bool on) => new(name, new XAttribute("state", on ? "on" : "off"));

    private static XElement Switch(string name, string attribute, bool on) => new(name, new XAttribute(attribute, on ? "yes" : "no"));
}
