using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Machines;

/// <summary>A machine while its description is read: takes what the description says, in any order, and makes one record of it.</summary>
/// <param name="kind">What the description is.</param>
/// <param name="origin">Where it was found.</param>
public sealed class MachineDraft(SourceMachineKind kind, string origin)
{
    /// <summary>No hypervisor gives a machine more; libvirt's own limits are lower.</summary>
    private const int MaxCpus = 4096;

    /// <summary>A description with more devices is nobody's machine.</summary>
    private const int MaxDevices = 1024;

    private const int MaxWarnings = 100;

    private readonly List<(int Priority, SourceDisk Disk)> _disks = [];
    private readonly List<SourceNic> _nics = [];
    private readonly List<string> _warnings = [];

    public string Name { get; set; } = "";

    public Guid? Uuid { get; set; }

    public Guid? SmbiosUuid { get; set; }

    public long? CpuCount { get; set; }

    public long? CoresPerSocket { get; set; }

    public long? MemoryBytes { get; set; }

    public FirmwareMode? Firmware { get; set; }

    public bool? SecureBoot { get; set; }

    public bool? Tpm { get; set; }

    public string OsId { get; set; } = "";

    public string OsName { get; set; } = "";

    public int DiskCount => _disks.Count;

    /// <param name="source">The image's place as written.</param>
    /// <param name="imagePath">Its path on this host, or null.</param>
    /// <param name="controller">What it hangs on.</param>
    /// <param name="model">That controller's model, or empty.</param>
    /// <param name="bus">That controller's number.</param>
    /// <param name="unit">The disk's number there.</param>
    /// <param name="capacity">Bytes, where known.</param>
    /// <param name="priority">Disks with a lower one boot first; equal ones in the order in which they were added.</param>
    public void AddDisk(
        string source, string? imagePath, DiskController controller, string model = "", long bus = 0, long unit = 0, long? capacity = null,
        long priority = 0)
    {
        if (_disks.Count == MaxDevices)
        {
            Warn(string.Create(CultureInfo.InvariantCulture, $"The description names more than {MaxDevices} disks: the rest is left out."));
            return;
        }

        _disks.Add(((int)Math.Clamp(priority, int.MinValue, int.MaxValue), new SourceDisk
        {
            Source = source,
            ImagePath = imagePath,
            Controller = controller,
            ControllerModel = model,
            Bus = (int)Math.Clamp(bus, 0, int.MaxValue),
            Unit = (int)Math.Clamp(unit, 0, int.MaxValue),
            Capacity = capacity is > 0 ? capacity : null,
        }));
    }

    /// <param name="mac">In any spelling; null or zeros: none yet.</param>
    /// <param name="network">What the card is plugged into, or empty.</param>
    /// <param name="model">The card's model, or empty.</param>
    public void AddNic(string? mac, string network = "", string model = "")
    {
        if (_nics.Count == MaxDevices)
        {
            Warn(string.Create(CultureInfo.InvariantCulture, $"The description names more than {MaxDevices} network cards: the rest is left out."));
            return;
        }

        mac = mac?.Trim();
        string? address = MacAddress.Normalize(mac);
        if (address is null && !string.IsNullOrWhiteSpace(mac) && !MacAddress.IsNone(mac))
        {
            Warn($"'{string.Concat(mac.Take(40))}' is not the MAC address of a network card: it is left out.");
        }

        _nics.Add(new SourceNic { MacAddress = address, NetworkName = PlainText.Escape(network), Model = model });
    }

    /// <summary>VMware's spelling of a machine's UUID, which is that of its bytes.</summary>
    public void SetVmwareUuid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (Uuid, SmbiosUuid) = VmxFile.Uuid(text);
    }

    /// <summary>An image that a description from another host names: there, or beside.</summary>
    /// <param name="folder">Where to look.</param>
    /// <param name="written">The path in that host's words.</param>
    /// <returns>Full path of a file that is here, or null.</returns>
    public static string? FindImage(string folder, string written) => HostPlaces.Find(folder, written);

    /// <summary>Gives the addresses to the cards in their order, where the description has cards and addresses in different places.</summary>
    public void FillMacAddresses(IReadOnlyList<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        for (int i = 0; i < _nics.Count && _nics.Count == addresses.Count; i++)
        {
            _nics[i] = _nics[i] with { MacAddress = _nics[i].MacAddress ?? MacAddress.Normalize(addresses[i].Trim()) };
        }
    }

    /// <summary>Notes something for people; after a hundred, nobody reads on.</summary>
    public void Warn(string message)
    {
        if (_warnings.Count < MaxWarnings && !_warnings.Contains(message))
        {
            _warnings.Add(message);
        }
    }

    public SourceMachine Build()
    {
        int? cpus = Count(CpuCount, "processors");
        int? cores = Count(CoresPerSocket, "cores of a socket");
        if (cpus % cores is > 0)
        {
            Warn(string.Create(CultureInfo.InvariantCulture, $"{cpus} processors are no whole sockets of {cores} cores: each gets a socket."));
            cores = 1;
        }

        List<SourceDisk> disks = [];
        foreach ((_, SourceDisk disk) in _disks.OrderBy(entry => entry.Priority)) // stable
        {
            disks.Add(disk with { BootOrder = disks.Count + 1 });
        }

        return new SourceMachine
        {
            Name = PlainText.Escape(Name),
            Uuid = Uuid,
            SmbiosUuid = SmbiosUuid,
            CpuCount = cpus,
            SocketCount = cpus / (cores ?? 1),
            CoresPerSocket = cpus is null ? cores : cores ?? 1,
            MemoryBytes = MemoryBytes is > 0 ? MemoryBytes : null,
            Firmware = Firmware,
            SecureBoot = SecureBoot,
            Tpm = Tpm,
            Disks = disks,
            Nics = [.. _nics],
            OsId = OsId,
            OsName = PlainText.Escape(OsName),
            Kind = kind,
            Origin = origin,
            Warnings = [.. _warnings],
        };
    }

    private int? Count(long? value, string what)
    {
        if (value is null or (> 0 and <= MaxCpus))
        {
            return (int?)value;
        }

        Warn(string.Create(CultureInfo.InvariantCulture, $"{value} {what} cannot be: left out."));
        return null;
    }
}
