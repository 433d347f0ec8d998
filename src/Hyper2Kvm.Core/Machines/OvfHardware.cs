using System.Xml.Linq;

namespace Hyper2Kvm.Machines;

// CIM_ResourceAllocationSettingData.ResourceType: 1 other, 3 processor, 4 memory, 5 IDE, 6 parallel SCSI, 10 Ethernet, 14 floppy, 15 CD,
// 16 DVD, 17 disk, 20 other storage, 31 logical disk. OVF 2 writes disks as StorageItem and cards as EthernetPortItem, with the same names.

/// <summary>The items of an OVF's VirtualHardwareSection.</summary>
internal sealed class OvfHardware
{
    private readonly Dictionary<string, XElement> _items = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly OvfPackage _package;
    private readonly MachineDraft _draft;

    private OvfHardware(OvfPackage package, MachineDraft draft)
    {
        _package = package;
        _draft = draft;
    }

    public static void Read(XElement section, OvfPackage package, MachineDraft draft)
    {
        OvfHardware hardware = new(package, draft);
        hardware.Collect(section);
        hardware.ReadProcessors();
        hardware.ReadMemory();
        hardware.ReadDisks();
        hardware.ReadCards();
    }

    /// <summary>An item of the default configuration replaces the one for all; those of other configurations, and bounds, are left out.</summary>
    private void Collect(XElement section)
    {
        int anonymous = 0;
        foreach (XElement item in section.Elements().Where(element => element.Name.LocalName is "Item" or "StorageItem" or "EthernetPortItem"))
        {
            string[] configurations = item.Attr("configuration").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            bool isOurs = configurations.Length == 0 || configurations.Contains(_package.Configuration);
            if (!isOurs || item.Attr("bound") is not ("" or "normal"))
            {
                continue;
            }

            string id = Id(item);
            id = id.Length > 0 ? id : $"#{anonymous++}";
            if (_items.TryAdd(id, item))
            {
                _order.Add(id);
            }
            else if (configurations.Length > 0)
            {
                _items[id] = item;
            }
            else
            {
                _items.Add($"{id}#{anonymous}", item);
                _order.Add($"{id}#{anonymous++}");
            }
        }
    }

    private IEnumerable<XElement> OfType(params string[] types) =>
        _order.Select(id => _items[id]).Where(item => types.Contains(item.Text("ResourceType")));

    private void ReadProcessors()
    {
        foreach (XElement item in OfType("3"))
        {
            _draft.CpuCount = (_draft.CpuCount ?? 0) + (XmlNames.Number(item.Text("VirtualQuantity")) is { } count and <= 65536 ? count : 0);
            _draft.CoresPerSocket ??= XmlNames.Number(item.Text("CoresPerSocket")) ?? XmlNames.Number(item.Text("cpu_per_socket"));
        }

        // VMware writes 0 for "as the host thinks best".
        _draft.CoresPerSocket = _draft.CoresPerSocket == 0 ? null : _draft.CoresPerSocket;
    }

    private void ReadMemory()
    {
        foreach (XElement item in OfType("4"))
        {
            _draft.MemoryBytes ??= OvfUnits.Bytes(item.Text("VirtualQuantity"), item.Text("AllocationUnits"), 1L << 20)
                ?? OvfUnits.Bytes(item.Text("VirtualQuantity"), item.Text("VirtualQuantityUnits"), 1L << 20);
        }
    }

    /// <summary>By controller, in the order in which firmware looks: SCSI, NVMe, SATA, IDE; then by the address at it.</summary>
    private void ReadDisks()
    {
        List<(XElement Item, DiskController Kind, string Model, long Bus, long Unit)> disks = [];
        foreach (XElement item in OfType("17", "31"))
        {
            XElement? controller = item.Text("Parent") is { Length: > 0 } parent ? _items.GetValueOrDefault(parent) : null;
            (DiskController kind, string model) = ControllerOf(controller, item);
            disks.Add((item, kind, model, BusOf(controller), XmlNames.Number(item.Text("AddressOnParent")) ?? 0));
        }

        foreach ((XElement item, DiskController kind, string model, long bus, long unit) in
            disks.OrderBy(disk => BootRanks.Of(disk.Kind)).ThenBy(disk => disk.Bus).ThenBy(disk => disk.Unit))
        {
            AddDisk(item, kind, model, bus, unit);
        }
    }

    private void AddDisk(XElement item, DiskController kind, string model, long bus, long unit)
    {
        string resource = item.Text("HostResource");
        if (_package.Resolve(resource, _draft) is not { } disk)
        {
            _draft.Warn($"Disk '{item.Text("ElementName")}' names '{resource}', which the OVF does not describe: it is left out. Export the machine again, or name its disks with Get-SourceMachine -Disk.");
            return;
        }

        if (disk.Source.Length == 0)
        {
            _draft.Warn($"Disk '{item.Text("ElementName")}' has no content: make an empty image for it (qemu-img create).");
        }

        _draft.AddDisk(disk.Source, disk.ImagePath, kind, model, bus, unit, disk.Capacity);
    }

    private void ReadCards()
    {
        foreach (XElement item in OfType("10"))
        {
            string address = item.Text("Address");
            string mac = address.Length > 0 ? address : item.Text("MACAddress");
            _draft.AddNic(mac.Length > 0 ? mac : null, item.Text("Connection"), item.Text("ResourceSubType"));
        }

        if (_items.Values.Any(item => item.Text("ResourceSubType").Contains("tpm", StringComparison.OrdinalIgnoreCase)))
        {
            _draft.Tpm = true;
        }
    }

    /// <summary>The controller's number among those of its kind.</summary>
    private static long BusOf(XElement? controller) =>
        controller is null ? 0 : XmlNames.Number(controller.Text("Address")) ?? XmlNames.Number(controller.Text("BusNumber")) ?? 0;

    private static (DiskController Kind, string Model) ControllerOf(XElement? controller, XElement disk)
    {
        string model = controller.Text("ResourceSubType");
        string words = $"{model} {controller.Text("ElementName")} {controller.Text("Caption")}";
        DiskController kind = controller.Text("ResourceType") switch
        {
            "5" => DiskController.Ide,
            "6" => DiskController.Scsi,
            "20" when words.Contains("nvme", StringComparison.OrdinalIgnoreCase) => DiskController.Nvme,
            "20" when words.Contains("ahci", StringComparison.OrdinalIgnoreCase) || words.Contains("sata", StringComparison.OrdinalIgnoreCase) => DiskController.Sata,
            "20" when words.Contains("virtio", StringComparison.OrdinalIgnoreCase) => DiskController.Virtio,
            _ => disk.Text("disk-interface").StartsWith("VirtIO", StringComparison.OrdinalIgnoreCase) ? DiskController.Virtio : DiskController.Unknown,
        };
        return (kind, model);
    }

    private static string Id(XElement item) => item.Text("InstanceID") is { Length: > 0 } id ? id : item.Text("InstanceId");
}
