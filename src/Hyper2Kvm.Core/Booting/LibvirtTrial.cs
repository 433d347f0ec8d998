using System.Xml.Linq;

namespace Hyper2Kvm.Booting;

/// <summary>Makes a trial of a domain: the same devices under another name, on this run's files, with the network unplugged.</summary>
internal static class LibvirtTrial
{
    /// <summary>Name of the first disk, which a device may choose when it begins so: https://libvirt.org/formatdomain.html, alias.</summary>
    public const string SystemDisk = "ua-disk0";

    /// <summary>Of the agent's port.</summary>
    public const string AgentPort = "h2kv-agent-port";

    private const string AgentName = "org.qemu.guest_agent.0";

    private static readonly XNamespace s_qemu = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>Where QEMU listens for QMP.</summary>
    public static string Monitor(ThrowawayFolder folder) => folder.File("qmp");

    public static void Adapt(XElement domain, string name, ThrowawayFolder folder, IEnumerable<XElement> labels, bool usesKvm)
    {
        domain.SetAttributeValue("type", usesKvm ? "kvm" : "qemu");
        domain.SetElementValue("name", name);
        domain.SetElementValue("uuid", Guid.NewGuid().ToString());
        domain.Elements("on_crash").ToList().ForEach(action => action.Value = "preserve");
        domain.Elements("seclabel").Remove();
        if (!usesKvm)
        {
            LeaveOutKvm(domain);
        }

        KeepVariables(domain, folder);
        bool hasAgent = TakeAgent(domain.Element("devices")!);
        AdaptDevices(domain.Element("devices")!, folder);
        domain.Add(labels);
        domain.Add(new XElement(
            s_qemu + "commandline",
            new XAttribute(XNamespace.Xmlns + "qemu", s_qemu.NamespaceName),
            Arguments("-chardev", $"socket,id=h2kv,path={Monitor(folder)},server=on,wait=off", "-mon", "chardev=h2kv,mode=control"),
            hasAgent ? Arguments(
                "-chardev", $"socket,id=h2kv-agent,path={folder.File("agent")},server=on,wait=off",
                // As JSON, like libvirt's own (from QEMU 6.2 on): others would be made first, before the controller that it sits on.
                "-device", $$"""{"driver":"virtserialport","bus":"virtio-serial0.0","nr":1,"chardev":"h2kv-agent","id":"{{AgentPort}}","name":"{{AgentName}}"}""") : null));
    }

    /// <summary>libvirt would connect to the agent itself, and a socket takes one: the port is made without its knowledge.</summary>
    private static bool TakeAgent(XElement devices)
    {
        List<XElement> channels = [.. devices.Elements("channel").Where(channel => channel.Element("target")?.Attribute("name")?.Value == AgentName)];
        channels.Remove();
        return channels.Count > 0;
    }

    private static IEnumerable<XElement> Arguments(params string[] values) => values.Select(value => new XElement(s_qemu + "arg", new XAttribute("value", value)));

    /// <summary>The emulated processor has no enlightenments, and no clock and timers of KVM.</summary>
    private static void LeaveOutKvm(XElement domain)
    {
        domain.Element("features")?.Element("hyperv")?.Remove();
        domain.Element("clock")?.Elements("timer").Where(timer => timer.Attribute("name")?.Value is "hypervclock" or "pit").Remove();
        domain.Element("devices")?.Elements("panic").Remove();
        if (domain.Element("cpu") is { } cpu)
        {
            cpu.ReplaceAttributes(new XAttribute("mode", "maximum"));
        }
    }

    /// <summary>The variables that the firmware writes go to a file of this run; libvirt copies the template there.</summary>
    private static void KeepVariables(XElement domain, ThrowawayFolder folder)
    {
        if (domain.Element("os") is { } system && system.Attribute("firmware")?.Value == "efi")
        {
            system.Elements("nvram").Remove();
            XElement nvram = new("nvram", folder.File("nvram.fd"));
            if (system.Element("firmware") is { } firmware)
            {
                firmware.AddAfterSelf(nvram);
            }
            else
            {
                system.Add(nvram);
            }
        }
    }

    private static void AdaptDevices(XElement devices, ThrowawayFolder folder)
    {
        devices.Elements("disk").FirstOrDefault()?.Add(new XElement("alias", new XAttribute("name", SystemDisk)));
        // A screen that nobody looks at needs no server; the picture is asked for by QMP.
        devices.Elements("graphics").Remove();
        foreach (XElement card in devices.Elements("interface").ToList())
        {
            card.ReplaceWith(new XElement(
                "interface", new XAttribute("type", "user"), card.Element("mac"), card.Element("model"), new XElement("link", new XAttribute("state", "down"))));
        }

        foreach (XElement serial in devices.Elements("serial").Take(1))
        {
            serial.SetAttributeValue("type", "file");
            serial.Elements("source").Remove();
            serial.AddFirst(new XElement("source", new XAttribute("path", folder.File("serial.log"))));
        }
    }
}
