using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Machines;

/// <summary>Reads the VMX files of ESXi, Workstation and Fusion.</summary>
internal sealed partial class VmxReader
{
    private readonly VmxFile _file;
    private readonly MachineDraft _draft;
    private readonly string _folder;

    private VmxReader(VmxFile file, MachineDraft draft, string folder)
    {
        _file = file;
        _draft = draft;
        _folder = folder;
    }

    public static SourceMachine Read(DescriptionFile description)
    {
        MachineDraft draft = new(SourceMachineKind.Vmx, description.Path);
        VmxReader reader = new(VmxFile.Read(description), draft, Path.GetDirectoryName(description.Path)!);
        reader.ReadMachine(Path.GetFileNameWithoutExtension(description.Path));
        reader.ReadDisks();
        reader.ReadCards();
        return draft.Build();
    }

    private void ReadMachine(string fileName)
    {
        _draft.Name = _file["displayName"] is { Length: > 0 } name ? name : fileName;
        (_draft.Uuid, _draft.SmbiosUuid) = VmxFile.Uuid(_file["uuid.bios"]);
        _draft.CpuCount = _file["numvcpus"] is { Length: > 0 } count ? XmlNames.Number(count) : 1;
        _draft.CoresPerSocket = XmlNames.Number(_file["cpuid.coresPerSocket"]) is { } cores and > 0 ? cores : null;
        _draft.MemoryBytes = XmlNames.Number(_file["memsize"]) is { } mega and < 1L << 40 ? mega << 20 : null;
        _draft.Firmware = _file["firmware"].Equals("efi", StringComparison.OrdinalIgnoreCase) ? FirmwareMode.Uefi : FirmwareMode.Bios;
        _draft.SecureBoot = _file.IsTrue("uefi.secureBoot.enabled");
        _draft.Tpm = _file.IsTrue("vtpm.present") || _file["managedvm.autoAddVTPM"].Length > 0;
        _draft.OsId = _file["guestOS"];
        _draft.OsName = _file["guestOS.detailed.data"].Length > 0 ? PrettyName().Match(_file["guestOS.detailed.data"]).Groups["name"].Value : "";
    }

    private void ReadDisks()
    {
        string[] order = _file["bios.hddOrder"].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        List<(string Key, DiskController Kind, int Bus, int Unit)> places = [];
        foreach (string key in _file.Keys)
        {
            if (DiskKey().Match(key) is { Success: true } match)
            {
                places.Add((
                    $"{match.Groups["kind"].Value}{match.Groups["bus"].Value}:{match.Groups["unit"].Value}", KindOf(match.Groups["kind"].Value),
                    int.Parse(match.Groups["bus"].ValueSpan, CultureInfo.InvariantCulture),
                    int.Parse(match.Groups["unit"].ValueSpan, CultureInfo.InvariantCulture)));
            }
        }

        foreach ((string key, DiskController kind, int bus, int unit) in
            places.OrderBy(place => BootRanks.Of(place.Kind)).ThenBy(place => place.Bus).ThenBy(place => place.Unit))
        {
            int position = Array.FindIndex(order, entry => entry.Equals(key, StringComparison.OrdinalIgnoreCase));
            AddDisk(key, kind, bus, unit, position < 0 ? order.Length : position);
        }
    }

    private void AddDisk(string key, DiskController kind, int bus, int unit, int priority)
    {
        string written = _file[$"{key}.fileName"];
        string type = _file[$"{key}.deviceType"];
        bool isPresent = _file[$"{key}.present"].Length == 0 || _file.IsTrue($"{key}.present");
        bool isDisk = type.Length == 0 ? written.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase) : IsDiskType(type);
        if (!isPresent || !isDisk || written.Length == 0)
        {
            return;
        }

        if (type.Contains("rdm", StringComparison.OrdinalIgnoreCase) || type.Contains("raw", StringComparison.OrdinalIgnoreCase))
        {
            _draft.Warn($"Disk {key} is a mapped or raw device ('{written}'): its content is not in the image. Copy it to an image of its own, and give that to Get-SourceMachine -Disk.");
        }

        string mode = _file[$"{key}.mode"];
        if (mode.Contains("nonpersistent", StringComparison.OrdinalIgnoreCase))
        {
            _draft.Warn($"Disk {key} is {mode}: in VMware it forgets its changes, on KVM it will not.");
        }

        // A name without .vmdk would make any file of this host a disk.
        string? path = written.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase) ? HostPlaces.Find(_folder, written) : null;
        _draft.AddDisk(written, path, kind, ModelOf(key), bus, unit, null, priority);
    }

    private void ReadCards()
    {
        List<int> numbers = [];
        foreach (string key in _file.Keys)
        {
            if (CardKey().Match(key) is { Success: true } match && _file.IsTrue(key))
            {
                numbers.Add(int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture));
            }
        }

        numbers.Sort();
        foreach (int number in numbers)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"ethernet{number}");
            bool isStatic = _file[$"{key}.addressType"].Equals("static", StringComparison.OrdinalIgnoreCase) && _file[$"{key}.address"].Length > 0;
            string mac = isStatic || _file[$"{key}.generatedAddress"].Length == 0 ? _file[$"{key}.address"] : _file[$"{key}.generatedAddress"];
            string network = _file[$"{key}.networkName"] is { Length: > 0 } name ? name : Fallback(key);
            _draft.AddNic(mac, network, _file[$"{key}.virtualDev"]);
        }
    }

    /// <summary>Workstation has a kind (bridged, nat, hostonly) or a virtual switch; distributed switches of vSphere have a port group id.</summary>
    private string Fallback(string key) =>
        _file[$"{key}.vnet"] is { Length: > 0 } vnet ? vnet
        : _file[$"{key}.dvs.portgroupId"] is { Length: > 0 } group ? group
        : _file[$"{key}.connectionType"];

    private string ModelOf(string key)
    {
        string controller = key[..key.IndexOf(':', StringComparison.Ordinal)];
        return _file[$"{controller}.virtualDev"];
    }

    private static DiskController KindOf(string word) => word.ToLowerInvariant() switch
    {
        "scsi" => DiskController.Scsi,
        "sata" => DiskController.Sata,
        "nvme" => DiskController.Nvme,
        _ => DiskController.Ide,
    };

    private static bool IsDiskType(string type) =>
        type.Contains("disk", StringComparison.OrdinalIgnoreCase) || type.Contains("rdm", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(?<kind>scsi|sata|nvme|ide)(?<bus>\d{1,3}):(?<unit>\d{1,3})\.fileName$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex DiskKey();

    [GeneratedRegex(@"^ethernet(?<number>\d{1,3})\.present$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CardKey();

    [GeneratedRegex("prettyName='(?<name>[^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex PrettyName();
}
