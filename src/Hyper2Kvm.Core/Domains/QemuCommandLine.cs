using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

// https://libvirt.org/formatdomain.html on the one side, qemu(1) on the other.

/// <summary>Turns a domain as this module writes it into QEMU's command line, for hosts without libvirt.</summary>
/// <remarks>The XML stays the one description of the machine: also what a person changed in it by hand counts. Elements that have no
/// meaning without libvirt (metadata, power events) are passed over; a device or a feature that is not known here is refused.</remarks>
public sealed class QemuCommandLine
{
    private readonly XElement _domain;
    private readonly QemuHost _host;
    private readonly List<string> _arguments = [];

    private QemuCommandLine(XElement domain, QemuHost host)
    {
        _domain = domain;
        _host = host;
    }

    private bool IsUefi => Child(_domain, "os")?.Attribute("firmware")?.Value == "efi";

    private string Machine => Child(_domain, "os", "type")?.Attribute("machine")?.Value ?? "q35";

    /// <summary>The arguments after the program's name, one item each, not quoted.</summary>
    /// <param name="xml">The domain.</param>
    /// <param name="host">The host.</param>
    /// <exception cref="DiskFormatException"><c>DomainXmlDamaged</c>: not the XML of a domain.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DomainElementUnknown</c>.</exception>
    /// <exception cref="GuestStateException"><c>DomainNeedsFirmware</c>, <c>DomainNeedsTpm</c>: the host's description lacks it.</exception>
    public static IReadOnlyList<string> From(string xml, QemuHost host)
    {
        QemuCommandLine line = new(DomainXmlReader.Read(xml), host);
        line.AddMachine();
        line.AddProcessor();
        line.AddFirmware();
        line.AddClock();
        QemuDevices devices = new(line._domain, host, line.Machine.Contains("q35", StringComparison.Ordinal));
        return [.. line._arguments, .. devices.Arguments()];
    }

    private static XElement? Child(XElement element, params string[] path) =>
        path.Aggregate((XElement?)element, (at, name) => at?.Element(name));

    private static bool IsOn(XElement? element, string attribute = "state") => element?.Attribute(attribute)?.Value is "on" or "yes";

    private void Add(params string[] arguments) => _arguments.AddRange(arguments);

    private void AddMachine()
    {
        string name = DomainXmlReader.Text(_domain, "name");
        bool usesSmm = IsOn(Child(_domain, "features", "smm"));
        string accelerator = _host.HasKvm ? "kvm" : "tcg";
        string hpet = IsOn(Timer("hpet"), "present") ? "on" : "off";
        string vmport = IsOn(Child(_domain, "features", "vmport")) ? "on" : "off";
        Add("-name", QemuText.Escape(name), "-uuid", DomainXmlReader.Text(_domain, "uuid"), "-no-user-config", "-nodefaults");
        string acpi = Child(_domain, "features", "acpi") is null ? ",acpi=off" : "";
        Add("-machine", $"{Machine},accel={accelerator},hpet={hpet},vmport={vmport}{acpi}" + (usesSmm ? ",smm=on" : ""));
        if (usesSmm)
        {
            Add("-global", "driver=cfi.pflash01,property=secure,value=on");
        }

        if (Child(_domain, "pm", "suspend-to-mem")?.Attribute("enabled")?.Value == "no")
        {
            string bridge = Machine.Contains("q35", StringComparison.Ordinal) ? "ICH9-LPC" : "PIIX4_PM";
            Add("-global", $"{bridge}.disable_s3=1", "-global", $"{bridge}.disable_s4=1");
        }

        XElement memory = _domain.Element("memory") ?? throw DomainXmlReader.Missing("memory");
        Add("-m", string.Create(CultureInfo.InvariantCulture, $"size={QemuText.Bytes(memory) >> 20}M"));
        for (int thread = 1; thread <= DomainXmlReader.Number(_domain.Element("iothreads")?.Value ?? "0", "iothreads"); thread++)
        {
            Add("-object", string.Create(CultureInfo.InvariantCulture, $"iothread,id=iothread{thread}"));
        }
    }

    private void AddProcessor()
    {
        XElement? topology = Child(_domain, "cpu", "topology");
        string count = DomainXmlReader.Text(_domain, "vcpu");
        string smp = topology is null
            ? count
            : $"{count},sockets={topology.Attribute("sockets")?.Value ?? "1"},cores={topology.Attribute("cores")?.Value ?? "1"},threads={topology.Attribute("threads")?.Value ?? "1"}";
        Add("-smp", smp, "-cpu", string.Join(',', Enlightenments().Prepend(_host.HasKvm ? "host" : "max")));
    }

    /// <summary>They are KVM's: the emulated processor has none.</summary>
    private IEnumerable<string> Enlightenments()
    {
        if (!_host.HasKvm)
        {
            yield break;
        }

        if (IsOn(Timer("hypervclock"), "present"))
        {
            yield return "hv-time=on";
        }

        foreach (XElement feature in Child(_domain, "features", "hyperv")?.Elements().Where(feature => IsOn(feature)) ?? [])
        {
            string name = feature.Name.LocalName;
            yield return name == "spinlocks" ? $"hv-spinlocks={feature.Attribute("retries")?.Value ?? "8191"}" : $"hv-{name.Replace('_', '-')}=on";
            if (name == "stimer" && IsOn(feature.Element("direct")))
            {
                yield return "hv-stimer-direct=on";
            }
        }

        if (Child(_domain, "devices")?.Elements("panic").Any(panic => panic.Attribute("model")?.Value == "hyperv") == true)
        {
            yield return "hv-crash=on";
        }
    }

    private void AddFirmware()
    {
        if (IsUefi)
        {
            if (_host.FirmwareCode is null || _host.FirmwareVariables is null)
            {
                throw new GuestStateException(
                    "DomainNeedsFirmware", DomainXmlReader.Text(_domain, "name"), "The domain starts by UEFI, and the host has no UEFI firmware for it.",
                    "Install OVMF (package ovmf or edk2-ovmf).");
            }

            Add(
                "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={QemuText.Escape(_host.FirmwareCode)}",
                "-drive", $"if=pflash,unit=1,format=raw,file={QemuText.Escape(_host.FirmwareVariables)}");
        }

        foreach ((string element, string option) in (ReadOnlySpan<(string, string)>)[("kernel", "-kernel"), ("initrd", "-initrd"), ("cmdline", "-append")])
        {
            if (Child(_domain, "os", element) is { } file)
            {
                Add(option, file.Value);
            }
        }
    }

    private void AddClock()
    {
        string basis = Child(_domain, "clock")?.Attribute("offset")?.Value == "localtime" ? "localtime" : "utc";
        bool slews = Timer("rtc")?.Attribute("tickpolicy")?.Value == "catchup";
        Add("-rtc", $"base={basis}" + (slews ? ",driftfix=slew" : ""));
        if (_host.HasKvm && Timer("pit")?.Attribute("tickpolicy")?.Value == "delay")
        {
            Add("-global", "kvm-pit.lost_tick_policy=delay");
        }
    }

    private XElement? Timer(string name) =>
        Child(_domain, "clock")?.Elements("timer").FirstOrDefault(timer => timer.Attribute("name")?.Value == name);
}
