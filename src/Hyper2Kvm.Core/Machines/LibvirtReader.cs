using System.Xml.Linq;

namespace Hyper2Kvm.Machines;

/// <summary>Reads libvirt domain XML, as <c>virsh dumpxml</c> writes it, of KVM, Xen or any other driver.</summary>
internal static class LibvirtReader
{
    /// <summary>A domain with more disks is nobody's.</summary>
    private const int MaxDisks = 1024;

    public static SourceMachine Read(DescriptionFile description, XElement domain)
    {
        MachineDraft draft = new(SourceMachineKind.Libvirt, description.Path)
        {
            Name = domain.Text("name"),
            Uuid = XmlNames.Uuid(domain.Text("uuid")),
            SmbiosUuid = XmlNames.Uuid(domain.Text("uuid")),
            CpuCount = XmlNames.Number(domain.Text("vcpu")) ?? 1,
            MemoryBytes = Memory(domain.Child("memory")),
            OsId = domain.Child("metadata")?.Descendants().FirstOrDefault(element => element.Name.LocalName == "os").Attr("id") ?? "",
        };
        if (domain.Child("cpu").Child("topology") is { } topology)
        {
            draft.CoresPerSocket = Product(topology.Attr("dies"), topology.Attr("clusters"), topology.Attr("cores"), topology.Attr("threads"));
        }

        ReadFirmware(domain, draft);
        XElement? devices = domain.Child("devices");
        draft.Tpm = devices.Child("tpm") is not null;
        ReadDisks(devices, draft, Path.GetDirectoryName(description.Path)!);
        foreach (XElement card in devices?.Children("interface") ?? [])
        {
            XElement? source = card.Child("source");
            string network = source.Attr("network") + source.Attr("bridge") + source.Attr("dev");
            draft.AddNic(card.Child("mac").Attr("address"), network, card.Child("model").Attr("type"));
        }

        return draft.Build();
    }

    private static void ReadFirmware(XElement domain, MachineDraft draft)
    {
        XElement? os = domain.Child("os");
        XElement? loader = os.Child("loader");
        bool isUefi = os.Attr("firmware") == "efi" || loader.Attr("type") == "pflash" || (os.Child("nvram") is not null);
        draft.Firmware = isUefi ? FirmwareMode.Uefi : FirmwareMode.Bios;
        bool isSecure = loader.Attr("secure") == "yes";
        XElement? keys = os.Child("firmware")?.Children("feature").FirstOrDefault(feature => feature.Attr("name") == "enrolled-keys");
        draft.SecureBoot = isUefi && (keys is null ? isSecure : keys.Attr("enabled") == "yes");
    }

    private static void ReadDisks(XElement? devices, MachineDraft draft, string folder)
    {
        int position = 0;
        foreach (XElement disk in devices?.Children("disk").Take(MaxDisks) ?? [])
        {
            if (disk.Attr("device") is not ("" or "disk" or "lun"))
            {
                continue;
            }

            XElement? source = disk.Child("source");
            string written = source.Attr("file") + source.Attr("dev") + source.Attr("volume") + source.Attr("name");
            XElement? target = disk.Child("target");
            (DiskController kind, string model) = ControllerOf(target.Attr("bus"), disk, devices!);
            XElement? address = disk.Child("address");
            string? path = source.Attr("file").Length > 0 ? HostPlaces.Find(folder, written) : null;
            long order = XmlNames.Number(disk.Child("boot").Attr("order")) ?? int.MaxValue;
            draft.AddDisk(
                written, path, kind, model, XmlNames.Number(address.Attr("controller")) ?? 0,
                XmlNames.Number(address.Attr("unit")) ?? position, null, order);
            position++;
        }
    }

    private static (DiskController Kind, string Model) ControllerOf(string bus, XElement disk, XElement devices)
    {
        string index = disk.Child("address").Attr("controller") is { Length: > 0 } text ? text : "0";
        XElement? controller = devices.Children("controller").FirstOrDefault(one => one.Attr("type") == bus && one.Attr("index") == index);
        DiskController kind = bus switch
        {
            "virtio" => DiskController.Virtio,
            "scsi" => DiskController.Scsi,
            "sata" => DiskController.Sata,
            "ide" => DiskController.Ide,
            "usb" => DiskController.Usb,
            _ => DiskController.Unknown,
        };
        return (kind, controller.Attr("model"));
    }

    /// <summary>libvirt's units: KiB unless it says otherwise.</summary>
    private static long? Memory(XElement? memory)
    {
        long factor = memory.Attr("unit") switch
        {
            "b" or "bytes" => 1,
            "KB" => 1000,
            "k" or "KiB" or "" => 1L << 10,
            "MB" => 1000 * 1000,
            "M" or "MiB" => 1L << 20,
            "GB" => 1000 * 1000 * 1000,
            "G" or "GiB" => 1L << 30,
            "TB" => 1000L * 1000 * 1000 * 1000,
            "T" or "TiB" => 1L << 40,
            _ => 0,
        };
        return factor > 0 && XmlNames.Number(memory?.Value.Trim() ?? "") is { } count && count <= long.MaxValue / factor ? count * factor : null;
    }

    private static long? Product(params string[] factors)
    {
        long product = 1;
        foreach (string factor in factors)
        {
            long value = XmlNames.Number(factor) ?? 1;
            if (value is < 1 or > 4096)
            {
                return null;
            }

            product *= value;
        }

        return product;
    }
}
