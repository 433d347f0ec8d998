using System.Globalization;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>The <c>devices</c> element as QEMU's options.</summary>
/// <remarks>On q35 each PCI device gets a root port of its own, as libvirt gives it: VirtIO devices behind one are modern, directly on
/// the root complex they would also show their legacy ids.</remarks>
internal sealed class QemuDevices(XElement domain, QemuHost host, bool isPciExpress)
{
    private readonly List<string> _arguments = [];
    private int _ports;
    private int _disks;
    private int _cards;

    public IReadOnlyList<string> Arguments()
    {
        XElement devices = domain.Element("devices") ?? throw DomainXmlReader.Missing("devices");

        // Controllers first: disks and channels sit on them.
        foreach (XElement device in devices.Elements().OrderBy(device => device.Name == "controller" ? 0 : 1))
        {
            Add(device);
        }

        if (!host.HasDisplay)
        {
            Add("-display", "none");
        }

        return _arguments;
    }

    private static string Attribute(XElement element, string name) =>
        element.Attribute(name)?.Value ?? throw DomainXmlReader.Missing($"{element.Name.LocalName} {name}=");

    private void Add(params string[] arguments) => _arguments.AddRange(arguments);

    private void Add(XElement device)
    {
        switch (device.Name.LocalName)
        {
            case "controller": AddController(device); break;
            case "disk": AddDisk(device); break;
            case "interface": AddCard(device); break;
            case "serial": AddSerial(); break;
            case "channel": AddChannel(device); break;
            case "input": Add("-device", "usb-tablet"); break;
            case "tpm": AddTpm(device); break;
            case "graphics": AddGraphics(); break;
            case "video": AddVideo(device); break;
            case "memballoon": AddPci("virtio-balloon-pci"); break;
            case "rng": AddRng(device); break;
            case "panic": AddPanic(device); break;
            case "emulator": break; // Whoever calls names the program.
            default: throw DomainXmlReader.Unknown($"the device <{device.Name.LocalName}>");
        }
    }

    /// <summary>A PCI device: behind a root port of its own on q35.</summary>
    private void AddPci(string device)
    {
        if (!isPciExpress)
        {
            Add("-device", device);
            return;
        }

        string port = string.Create(CultureInfo.InvariantCulture, $"rp{++_ports}");
        Add(
            "-device", string.Create(CultureInfo.InvariantCulture, $"pcie-root-port,id={port},chassis={_ports}"),
            "-device", $"{device},bus={port}");
    }

    private void AddController(XElement controller)
    {
        string model = controller.Attribute("model")?.Value ?? "";
        switch (Attribute(controller, "type"))
        {
            case "usb" when model == "qemu-xhci":
                AddPci("qemu-xhci,id=usb");
                break;
            case "usb" when model.StartsWith("ich9-ehci", StringComparison.Ordinal):
                Add("-device", "ich9-usb-ehci1,id=usb,addr=1d.7,multifunction=on");
                break;
            case "usb" when model.StartsWith("ich9-uhci", StringComparison.Ordinal):
                string function = model[^1..] is "1" ? "0" : model[^1..] is "2" ? "1" : "2";
                Add("-device", $"ich9-usb-uhci{model[^1]},masterbus=usb.0,firstport={controller.Element("master")?.Attribute("startport")?.Value ?? "0"},addr=1d.{function},multifunction=on");
                break;
            case "scsi" when model == "virtio-scsi":
                AddPci("virtio-scsi-pci,id=scsi0" + IoThread(controller.Element("driver")) + Queues(controller.Element("driver"), "num_queues"));
                break;
            case "virtio-serial":
                AddPci("virtio-serial-pci,id=virtio-serial0");
                break;
            case "sata" or "ide" or "pci":
                break; // Part of the machine, or made as needed.
            default:
                throw DomainXmlReader.Unknown($"the controller {Attribute(controller, "type")} {model}".TrimEnd());
        }
    }

    private static string IoThread(XElement? driver) =>
        driver?.Attribute("iothread")?.Value is { } thread ? $",iothread=iothread{thread}" : "";

    /// <summary>Of cards there is one queue only: QEMU's own backends have no more.</summary>
    private static string Queues(XElement? driver, string property) => driver?.Attribute("queues") is { } queues
        ? string.Create(CultureInfo.InvariantCulture, $",{property}={DomainXmlReader.Number(queues.Value, "queues")}")
        : "";

    private void AddDisk(XElement disk)
    {
        XElement driver = disk.Element("driver") ?? throw DomainXmlReader.Missing("driver");
        string id = string.Create(CultureInfo.InvariantCulture, $"disk{_disks++}");
        string file = disk.Element("source")?.Attribute("file")?.Value ?? throw DomainXmlReader.Unknown("a disk that is not a file");
        bool isCd = disk.Attribute("device")?.Value == "cdrom";
        List<string> drive = ["if=none", $"id={id}", $"format={Attribute(driver, "type")}", $"file={QemuText.Escape(file)}"];
        foreach (string option in (ReadOnlySpan<string>)["cache", "discard", "io"])
        {
            if (driver.Attribute(option)?.Value is { } value)
            {
                drive.Add($"{(option == "io" ? "aio" : option)}={value}");
            }
        }

        if (driver.Attribute("detect_zeroes")?.Value is { } zeroes)
        {
            drive.Add($"detect-zeroes={zeroes}");
        }

        if (isCd || disk.Element("readonly") is not null)
        {
            drive.Add("readonly=on");
        }

        Add("-drive", string.Join(',', drive));
        AddDiskDevice(disk, driver, id, isCd);
    }

    private void AddDiskDevice(XElement disk, XElement driver, string id, bool isCd)
    {
        XElement target = disk.Element("target") ?? throw DomainXmlReader.Missing("target");
        string rest = $",drive={id}";
        if (disk.Element("serial")?.Value is { Length: > 0 } serial)
        {
            rest += $",serial={QemuText.Escape(serial)}";
        }

        if (disk.Element("boot")?.Attribute("order")?.Value is { } order)
        {
            rest += $",bootindex={order}";
        }

        if (disk.Element("blockio") is { } block)
        {
            rest += $",logical_block_size={Attribute(block, "logical_block_size")},physical_block_size={Attribute(block, "physical_block_size")}";
        }

        string bus = Attribute(target, "bus");
        int unit = Unit(target);
        switch (bus)
        {
            case "virtio": AddPci("virtio-blk-pci" + rest + IoThread(driver) + Queues(driver, "num-queues")); break;
            case "scsi": Add("-device", $"{(isCd ? "scsi-cd" : "scsi-hd")},bus=scsi0.0{rest}"); break;
            case "sata": Add("-device", string.Create(CultureInfo.InvariantCulture, $"{(isCd ? "ide-cd" : "ide-hd")},bus=ide.{unit}{rest}")); break;
            case "ide": Add("-device", string.Create(CultureInfo.InvariantCulture, $"{(isCd ? "ide-cd" : "ide-hd")},bus=ide.{unit / 2},unit={unit % 2}{rest}")); break;
            default: throw DomainXmlReader.Unknown($"a disk on the bus '{bus}'");
        }
    }

    /// <summary>sda is 0, hdc is 2: the place on the controller, as libvirt counts.</summary>
    private static int Unit(XElement target)
    {
        string name = Attribute(target, "dev");
        int unit = name[^1] - 'a';
        return name.Length == 3 && unit is >= 0 and < 26 ? unit : throw DomainXmlReader.Unknown($"the disk name '{name}'");
    }

    private void AddCard(XElement card)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"net{_cards++}");
        string model = card.Element("model")?.Attribute("type")?.Value ?? "virtio";
        string network = card.Element("source") is { } source
            ? source.Attribute("network")?.Value ?? source.Attribute("bridge")?.Value ?? "default"
            : "default";
        string backend = string.Format(CultureInfo.InvariantCulture, host.Network, QemuText.Escape(network));
        Add("-netdev", $"{backend},id={id}");
        AddPci($"{(model == "virtio" ? "virtio-net-pci" : model)},netdev={id},mac={Attribute(card.Element("mac") ?? throw DomainXmlReader.Missing("mac"), "address")}");
    }

    private void AddSerial()
    {
        string device = host.SerialLog is null ? "pty" : $"file,path={QemuText.Escape(host.SerialLog)}";
        Add("-chardev", $"{device},id=serial0", "-device", "isa-serial,chardev=serial0,index=0");
    }

    private void AddChannel(XElement channel)
    {
        string name = channel.Element("target")?.Attribute("name")?.Value ?? throw DomainXmlReader.Missing("channel target name");
        string device = host.AgentSocket is null ? "null" : $"socket,path={QemuText.Escape(host.AgentSocket)},server=on,wait=off";
        Add("-chardev", $"{device},id=channel0", "-device", $"virtserialport,bus=virtio-serial0.0,chardev=channel0,id=agent,name={QemuText.Escape(name)}");
    }

    private void AddTpm(XElement tpm)
    {
        if (host.TpmSocket is null)
        {
            throw new GuestStateException(
                "DomainNeedsTpm", DomainXmlReader.Text(domain, "name"), "The domain has a TPM, and the host has no swtpm to serve it.", "Install swtpm.");
        }

        Add(
            "-chardev", $"socket,id=tpm0-socket,path={QemuText.Escape(host.TpmSocket)}",
            "-tpmdev", "emulator,id=tpm0,chardev=tpm0-socket",
            "-device", $"{Attribute(tpm, "model")},tpmdev=tpm0");
    }

    private void AddGraphics()
    {
        if (host.HasDisplay)
        {
            Add("-vnc", "127.0.0.1:0,to=99");
        }
    }

    private void AddVideo(XElement video)
    {
        string model = Attribute(video.Element("model") ?? throw DomainXmlReader.Missing("video model"), "type");
        Add("-device", model switch
        {
            "vga" => "VGA",
            "cirrus" => "cirrus-vga",
            "qxl" => "qxl-vga",
            "virtio" => "virtio-vga",
            "bochs" => "bochs-display",
            _ => throw DomainXmlReader.Unknown($"the video model '{model}'"),
        });
    }

    private void AddRng(XElement rng)
    {
        Add("-object", $"rng-random,id=rng0,filename={QemuText.Escape(rng.Element("backend")?.Value.Trim() is { Length: > 0 } file ? file : "/dev/urandom")}");
        AddPci("virtio-rng-pci,rng=rng0");
    }

    private void AddPanic(XElement panic)
    {
        switch (Attribute(panic, "model"))
        {
            case "hyperv": break; // A flag of the processor.
            case "isa": Add("-device", "pvpanic"); break;
            case "pvpanic": AddPci("pvpanic-pci"); break;
            default: throw DomainXmlReader.Unknown($"the panic device {Attribute(panic, "model")}");
        }
    }
}
