using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.Domains;

/// <summary>The <c>devices</c> element.</summary>
internal static class DomainDevices
{
    private const int IoThread = 1;

    public static XElement Write(DomainRequest request, WindowsProfile profile)
    {
        XElement devices = new("devices");
        devices.Add(Disks(request, profile));
        devices.Add(UsbControllers(profile));
        if (request.Bus == StorageBus.VirtioScsi)
        {
            devices.Add(ScsiController(Queues(request, profile)));
        }

        devices.Add(
            new XElement("controller", Type("virtio-serial"), new XAttribute("index", 0)),
            request.Identity.MacAddresses.Select((mac, card) => NetworkCard(request, profile, mac, request.NetworkOf(card))),
            new XElement(
                "serial", Type("pty"), new XElement("target", Type("isa-serial"), new XAttribute("port", 0))),
            new XElement(
                "channel", Type("unix"), new XElement("target", Type("virtio"), new XAttribute("name", "org.qemu.guest_agent.0"))),
            new XElement("input", Type("tablet"), new XAttribute("bus", "usb")),
            profile.HasTpm(request) ? Tpm(profile) : null,
            Graphics(),
            new XElement("video", new XElement("model", Type(profile.Video), new XAttribute("vram", 16384), new XAttribute("heads", 1))),
            new XElement("memballoon", Model("virtio")),
            new XElement("rng", Model("virtio"), new XElement("backend", Model("random"), "/dev/urandom")),
            profile.IsWindows8OrLater ? new XElement("panic", Model("hyperv")) : null);
        return devices;
    }

    private static List<XElement> Disks(DomainRequest request, WindowsProfile profile)
    {
        string finalBus = request.Bus == StorageBus.VirtioScsi ? "scsi" : "virtio";
        DiskNames names = new();
        bool isFinal = request.Phase == DomainPhase.Final;
        string bus = isFinal ? finalBus : profile.BootstrapDiskBus;
        // On IDE the CD-ROM is master of the second channel, and there are four places.
        bool hasIso = !isFinal && request.DriverIso is not null;
        string? isoTarget = hasIso && bus == "ide" ? names.Reserve("hdc") : null;
        bool bootsElsewhere = request.DataDisks.Any(disk => disk.IsBootDisk);
        List<XElement> disks =
            [HardDisk(request, request.ImagePath, request.DiskFormat, Target(names.Next(bus), bus), BootOrder(bootsElsewhere ? 2 : 1))];
        foreach (DomainDisk disk in request.DataDisks)
        {
            string dataBus = bus == "ide" && names.IdeIsFull ? finalBus : bus;
            disks.Add(HardDisk(
                request with { Layout = request.Layout with { SectorSize = 512 } }, disk.Path, disk.Format, Target(names.Next(dataBus), dataBus),
                disk.IsBootDisk ? BootOrder(1) : null));
        }

        if (hasIso)
        {
            disks.Add(Disk("cdrom", Driver("raw"), request.DriverIso!, Target(isoTarget ?? names.Next(bus), bus), new XElement("readonly")));
        }

        if (!isFinal && request.DummyDiskPath is not null)
        {
            disks.Add(Disk(
                "disk", Driver("raw", new XAttribute("cache", "none")), request.DummyDiskPath, Target(names.Next(finalBus), finalBus)));
        }

        return disks;
    }

    private static XElement BootOrder(int order) => new("boot", new XAttribute("order", order));

    /// <summary>Flushes of the guest reach the host's disk (cache none), and blocks that the guest gives up are given back.</summary>
    private static XElement HardDisk(DomainRequest request, string path, string format, XElement target, XElement? boot)
    {
        XElement driver = Driver(
            format, new XAttribute("cache", "none"), new XAttribute("discard", "unmap"), new XAttribute("detect_zeroes", "unmap"));
        if (target.Attribute("bus")!.Value == "virtio")
        {
            driver.Add(new XAttribute("iothread", IoThread), Queues(request, new WindowsProfile(request.Layout.Windows)));
        }

        XElement disk = Disk("disk", driver, path, target, boot);
        if (request.Layout.SectorSize != 512)
        {
            disk.Add(new XElement(
                "blockio",
                new XAttribute("logical_block_size", request.Layout.SectorSize),
                new XAttribute("physical_block_size", request.Layout.SectorSize)));
        }

        return disk;
    }

    private static XElement Disk(string device, XElement driver, string path, params XElement?[] rest) => new(
        "disk", Type("file"), new XAttribute("device", device), driver, new XElement("source", new XAttribute("file", path)), rest);

    private static XElement Driver(string format, params XAttribute[] rest) =>
        new("driver", new XAttribute("name", "qemu"), Type(format), rest);

    private static XElement Target(string device, string bus) => new("target", new XAttribute("dev", device), new XAttribute("bus", bus));

    /// <summary>The controller alone, without a disk, makes Windows install vioscsi: it is there in both phases.</summary>
    private static XElement ScsiController(XAttribute? queues) => new(
        "controller", Type("scsi"), new XAttribute("index", 0), Model("virtio-scsi"),
        new XElement("driver", new XAttribute("iothread", IoThread), queues));

    /// <returns>Null where one is enough.</returns>
    private static XAttribute? Queues(DomainRequest request, WindowsProfile profile) =>
        profile.Queues(request) is > 1 and int count ? new XAttribute("queues", count) : null;

    /// <summary>xHCI where Windows has a driver for it, else EHCI with its three companions.</summary>
    private static IEnumerable<XElement> UsbControllers(WindowsProfile profile)
    {
        if (profile.IsWindows8OrLater)
        {
            yield return Usb("qemu-xhci", null);
            yield break;
        }

        yield return Usb("ich9-ehci1", null);
        for (int companion = 0; companion < 3; companion++)
        {
            yield return Usb(string.Create(CultureInfo.InvariantCulture, $"ich9-uhci{companion + 1}"), companion * 2);
        }
    }

    private static XElement Usb(string model, int? masterPort) => new(
        "controller", Type("usb"), new XAttribute("index", 0), Model(model),
        masterPort is null ? null : new XElement("master", new XAttribute("startport", masterPort.Value)));

    private static XElement NetworkCard(DomainRequest request, WindowsProfile profile, string mac, DomainNetwork network) => new(
        "interface",
        Type(network.IsBridge ? "bridge" : "network"),
        new XElement("mac", new XAttribute("address", DomainChecks.NormalizedMac(mac))),
        new XElement("source", new XAttribute(network.IsBridge ? "bridge" : "network", network.Name)),
        new XElement("model", Type(request.Phase == DomainPhase.Final ? "virtio" : profile.BootstrapNetworkCard)),
        request.Phase == DomainPhase.Final && Queues(request, profile) is { } queues ? new XElement("driver", queues) : null);

    private static XElement Tpm(WindowsProfile profile) => new(
        "tpm",
        Model(profile.IsWindows10OrLater ? "tpm-crb" : "tpm-tis"),
        new XElement("backend", Type("emulator"), new XAttribute("version", "2.0")));

    /// <summary>On the host's loopback: a console without a password is not for the network.</summary>
    private static XElement Graphics() => new(
        "graphics", Type("vnc"), new XAttribute("port", -1), new XAttribute("autoport", "yes"),
        new XElement("listen", Type("address"), new XAttribute("address", "127.0.0.1")));

    private static XAttribute Type(string value) => new("type", value);

    private static XAttribute Model(string value) => new("model", value);
}
