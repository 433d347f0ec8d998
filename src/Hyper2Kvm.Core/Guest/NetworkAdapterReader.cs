using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Reads the network adapters of one control set.</summary>
internal sealed class NetworkAdapterReader(HiveKey controlSet, NsiTables nsi, List<string> warnings)
{
    public const string Class = "{4d36e972-e325-11ce-bfc1-08002be10318}";

    /// <summary>NCF_HIDDEN: the WAN miniports and their kind, which nobody configures.</summary>
    private const uint Hidden = 0x8;

    private const uint Physical = 0x4;

    private static readonly string[] s_buses = ["PCI", "VMBUS", "XEN", "XENVIF", "XENPCI", "XENBUS", "USB", "PCMCIA", "VIRTIO", "ISAPNP", "EISA", "MF"];
    private static readonly string[] s_teamComponents = ["ms_implat", "ms_implat_mp", "iansminiport", "blfm", "basp", "cpqteammp"];
    private static readonly string[] s_switchComponents = ["vms_mp", "vms_vsmp"];

    /// <summary>Protocols that take an adapter for a team or a virtual switch.</summary>
    private static readonly string[] s_masters = ["MsLbfoProvider", "ms_lbfo", "vms_pp", "VMSP", "iANSProtocol", "Blfp", "CPQTeam"];

    private readonly NetworkPresence _presence = new(controlSet);
    private readonly Lazy<Dictionary<string, string>> _instances = new(() => Instances(controlSet));

    public IReadOnlyList<NetworkAdapter> Read()
    {
        List<NetworkAdapter> adapters = [];
        HashSet<Guid> known = [];
        foreach (HiveKey key in controlSet.Find($@"Control\Class\{Class}")?.Subkeys ?? [])
        {
            if (Guid.TryParse(Text(key, "NetCfgInstanceId"), out Guid id))
            {
                known.Add(id);
                NetworkAdapter adapter = Read(key, id);
                if ((Number(key, "Characteristics") & Hidden) == 0 || adapter.Addresses.Count > 0)
                {
                    adapters.Add(adapter);
                }
            }
        }

        foreach (HiveKey ip in controlSet.Find(@"Services\Tcpip\Parameters\Interfaces")?.Subkeys ?? [])
        {
            // Static settings whose adapter is gone altogether: the address is still taken.
            if (Guid.TryParse(ip.Name, out Guid id) && !known.Contains(id) && Read(null, id) is { Addresses.Count: > 0 } orphan)
            {
                adapters.Add(orphan);
            }
        }

        return adapters;
    }

    /// <param name="key">Its class key; null when it has none any more.</param>
    /// <param name="id">NetCfgInstanceId.</param>
    private NetworkAdapter Read(HiveKey? key, Guid id)
    {
        HiveKey? connection = controlSet.Find($@"Control\Network\{Class}\{id:B}\Connection");
        HiveKey? ip = controlSet.Find($@"Services\Tcpip\Parameters\Interfaces\{id:B}");
        HiveKey? ip6 = controlSet.Find($@"Services\Tcpip6\Parameters\Interfaces\{id:B}");
        HiveKey? netbios = controlSet.Find($@"Services\NetBT\Parameters\Interfaces\Tcpip_{id:B}");
        string instance = InstanceId(key, connection);
        string name = Text(connection, "Name");
        long luid = Number(key, "NetLuidIndex") is > 0 and var index ? NsiTables.LuidOf((uint)index, (uint)Number(key, "*IfType")) : 0;
        (NetworkAdapterState state, string reason) = _presence.Judge(instance, id);
        (string? mac, string macSource) = Mac(key, id, instance);
        bool usesDhcp = ip?.GetValue("EnableDHCP")?.AsDword() != 0;
        NetworkAddress[] own = usesDhcp ? [] : [.. Addresses(ip, name)];
        return new NetworkAdapter
        {
            Id = id,
            Name = name,
            Description = Text(key, "DriverDesc"),
            Kind = KindOf(key, instance),
            State = state,
            StateReason = reason,
            MacAddress = mac,
            MacSource = macSource,
            InstanceId = instance,
            ClassKey = key?.Name ?? "",
            Luid = luid,
            UsesDhcp = usesDhcp,
            Addresses = [.. own, .. nsi.Addresses.Where(row => row.Luid == luid && luid != 0).Select(row => row.Address)],
            DhcpAddress = DhcpAddress(ip),
            Gateways = [.. usesDhcp ? [] : Gateways(ip), .. GatewaysV6(luid)],
            DnsServers = [.. Split(Text(ip, "NameServer")), .. Split(Text(ip6, "NameServer"))],
            DnsSuffix = Text(ip, "Domain"),
            RegistersInDns = ip?.GetValue("RegistrationEnabled")?.AsDword() != 0,
            WinsServers = [.. (netbios?.GetValue("NameServerList")?.AsMultiString() ?? []).Select(IPv4).OfType<string>()],
            NetbiosOption = Number(netbios, "NetbiosOptions") is >= 0 and <= 2 and var option ? (int)option : 0,
            InterfaceMetric = Number(ip, "InterfaceMetric") is > 0 and <= 9999 and var metric ? (int)metric : null,
            Mtu = Number(ip, "MTU") is >= 68 and <= 65535 and var mtu ? (int)mtu : null,
            IsEnslaved = (key?.Find("Linkage")?.GetValue("UpperBind")?.AsMultiString() ?? []).Any(IsMaster),
        };
    }

    /// <summary>Windows 10 names the device in the class key; before, only the connection does, or the device names the class key.</summary>
    private string InstanceId(HiveKey? key, HiveKey? connection)
    {
        foreach (string candidate in (string[])[Text(key, "DeviceInstanceID"), Text(connection, "PnpInstanceID")])
        {
            if (candidate.Length > 0)
            {
                return candidate;
            }
        }

        return key is null ? "" : _instances.Value.GetValueOrDefault($@"{Class}\{key.Name}", "");
    }

    /// <summary>Each device that names a class key of network adapters, by that key.</summary>
    private static Dictionary<string, string> Instances(HiveKey controlSet)
    {
        Dictionary<string, string> instances = new(StringComparer.OrdinalIgnoreCase);
        foreach (HiveKey bus in controlSet.Find("Enum")?.Subkeys ?? [])
        {
            foreach (HiveKey device in bus.Subkeys)
            {
                foreach (HiveKey instance in device.Subkeys)
                {
                    string driver = Text(instance, "Driver");
                    if (driver.StartsWith(Class, StringComparison.OrdinalIgnoreCase))
                    {
                        instances.TryAdd(driver, $@"{bus.Name}\{device.Name}\{instance.Name}");
                    }
                }
            }
        }

        return instances;
    }

    private static NetworkAdapterKind KindOf(HiveKey? key, string instance)
    {
        string component = Text(key, "ComponentId");
        string bus = instance.Split('\\')[0];
        return s_teamComponents.Contains(component, StringComparer.OrdinalIgnoreCase) ? NetworkAdapterKind.Team
            : s_switchComponents.Contains(component, StringComparer.OrdinalIgnoreCase) ? NetworkAdapterKind.VirtualSwitch
            : s_buses.Contains(bus, StringComparer.OrdinalIgnoreCase)
                || (instance.Length == 0 && (key is null || (Number(key, "Characteristics") & Physical) != 0)) ? NetworkAdapterKind.Hardware
            : NetworkAdapterKind.Software;
    }

    /// <summary>The card's own address: that is the one which the machine's configuration, and the new domain, give it.</summary>
    private (string? Mac, string Source) Mac(HiveKey? key, Guid id, string instance)
    {
        if (controlSet.Find($@"Control\NetworkSetup2\Interfaces\{id:B}\Kernel")?.GetValue("PermanentAddress")?.Data() is { } permanent
            && MacAddress.Format(permanent) is { } stored)
        {
            return (stored, "NetworkSetup2");
        }

        if (InstanceMacAddress.Find(instance) is { } coded)
        {
            return (coded, "instance id");
        }

        return MacAddress.Parse(Text(key, "NetworkAddress")) is { } set ? (set, "NetworkAddress") : (null, "");
    }

    private IEnumerable<NetworkAddress> Addresses(HiveKey? ip, string name)
    {
        IReadOnlyList<string> addresses = ip?.GetValue("IPAddress")?.AsMultiString() ?? [];
        IReadOnlyList<string> masks = ip?.GetValue("SubnetMask")?.AsMultiString() ?? [];
        for (int i = 0; i < addresses.Count; i++)
        {
            if (IPv4(addresses[i]) is not { } address)
            {
                continue;
            }

            if (i < masks.Count && PrefixLength(masks[i]) is { } length)
            {
                yield return new NetworkAddress(address, length);
            }
            else
            {
                warnings.Add($"The address {address} of '{name}' has no valid subnet mask and was left out: Set-WindowsNetworkPolicy -Policy Replace gives the adapter new ones.");
            }
        }
    }

    private static NetworkAddress? DhcpAddress(HiveKey? ip) =>
        IPv4(Text(ip, "DhcpIPAddress")) is { } address && PrefixLength(Text(ip, "DhcpSubnetMask")) is { } length
            ? new NetworkAddress(address, length)
            : null;

    private static IEnumerable<NetworkGateway> Gateways(HiveKey? ip)
    {
        IReadOnlyList<string> gateways = ip?.GetValue("DefaultGateway")?.AsMultiString() ?? [];
        IReadOnlyList<string> metrics = ip?.GetValue("DefaultGatewayMetric")?.AsMultiString() ?? [];
        for (int i = 0; i < gateways.Count; i++)
        {
            if (IPv4(gateways[i]) is { } gateway)
            {
                yield return new NetworkGateway(
                    gateway, i < metrics.Count && int.TryParse(metrics[i], out int metric) && metric is > 0 and <= 9999 ? metric : null);
            }
        }
    }

    private IEnumerable<NetworkGateway> GatewaysV6(long luid) => nsi.Routes
        .Where(row => row.Luid == luid && luid != 0 && row.Route.Destination.PrefixLength == 0)
        .Select(row => new NetworkGateway(row.Route.NextHop, row.Route.Metric));

    /// <summary>The lists are separated by commas, and by blanks where DHCP wrote them.</summary>
    private static IEnumerable<string> Split(string servers) =>
        servers.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(IP).OfType<string>();

    private static bool IsMaster(string protocol) => s_masters.Contains(protocol, StringComparer.OrdinalIgnoreCase);

    /// <summary>An IPv4 or IPv6 address in its usual form, without a scope; null for anything else.</summary>
    internal static string? IP(string text) =>
        IPv4(text) ?? (text.Contains(':', StringComparison.Ordinal) && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
            && IPAddress.TryParse(text, out IPAddress? address) ? address.ToString() : null);

    /// <summary>The address, or null for 0.0.0.0 and for what is no address in four parts.</summary>
    internal static string? IPv4(string text) =>
        text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetwork && !address.Equals(IPAddress.Any)
            ? address.ToString()
            : null;

    /// <summary>Length of a mask; null when its ones do not come first, or there are none.</summary>
    internal static int? PrefixLength(string mask)
    {
        if (!IPAddress.TryParse(mask, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        uint bits = Be.U32(address.GetAddressBytes(), 0);
        int length = BitOperations.PopCount(bits);
        return length > 0 && bits == uint.MaxValue << (32 - length) ? length : null;
    }

    private static string Text(HiveKey? key, string name) => PlainText.Escape(key?.GetValue(name)?.AsString() ?? "");

    private static long Number(HiveKey? key, string name) => key?.GetValue(name)?.AsDword() is { } number ? number : -1;
}
