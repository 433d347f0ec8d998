namespace Hyper2Kvm;

/// <summary>A network adapter of a guest with its settings, as the registry of the powered-off Windows has them.</summary>
public sealed record NetworkAdapter
{
    /// <summary>NetCfgInstanceId, by which Windows knows the adapter everywhere.</summary>
    public required Guid Id { get; init; }

    /// <summary>The connection's name, for example <c>Ethernet0</c>; empty when there is none.</summary>
    public required string Name { get; init; }

    /// <summary>The driver's name for it.</summary>
    public required string Description { get; init; }

    public required NetworkAdapterKind Kind { get; init; }

    public required NetworkAdapterState State { get; init; }

    /// <summary>Why <see cref="State"/> is what it is.</summary>
    public required string StateReason { get; init; }

    /// <summary><c>00:0C:29:F3:FF:DE</c>; null when the hive does not say.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Where the address was found; empty when it was not.</summary>
    public string MacSource { get; init; } = "";

    /// <summary>The device, for example <c>PCI\VEN_15AD...\...</c>; empty when it is not known.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Key below <c>Control\Class\{4d36e972-...}</c>, for example <c>0002</c>; empty when only its TCP/IP settings are left.</summary>
    public required string ClassKey { get; init; }

    /// <summary>The local identifier under which Windows Vista and later keep its addresses; 0 when there is none.</summary>
    public long Luid { get; init; }

    /// <summary>IPv4 comes from DHCP.</summary>
    public required bool UsesDhcp { get; init; }

    /// <summary>Static addresses, IPv4 first.</summary>
    public required IReadOnlyList<NetworkAddress> Addresses { get; init; }

    /// <summary>The address of the last lease; null when there was none.</summary>
    public NetworkAddress? DhcpAddress { get; init; }

    /// <summary>Static default gateways, IPv4 first.</summary>
    public required IReadOnlyList<NetworkGateway> Gateways { get; init; }

    /// <summary>Name servers set by hand, IPv4 first; empty: from DHCP.</summary>
    public required IReadOnlyList<string> DnsServers { get; init; }

    /// <summary>The connection's own DNS suffix; empty when there is none.</summary>
    public required string DnsSuffix { get; init; }

    /// <summary>False: the adapter's addresses are not registered in DNS.</summary>
    public bool RegistersInDns { get; init; } = true;

    public required IReadOnlyList<string> WinsServers { get; init; }

    /// <summary>NetBIOS over TCP/IP: 0 as DHCP says, 1 on, 2 off.</summary>
    public int NetbiosOption { get; init; }

    /// <summary>Null: by the speed of the adapter.</summary>
    public int? InterfaceMetric { get; init; }

    /// <summary>Null: the driver's own.</summary>
    public int? Mtu { get; init; }

    /// <summary>It is a member of a team or bound to a virtual switch, which keep the addresses.</summary>
    public bool IsEnslaved { get; init; }

    public bool IsStatic => !UsesDhcp && Addresses.Any(address => !address.IsIPv6) || Addresses.Any(address => address.IsIPv6);

    public override string ToString() => Name.Length > 0 ? Name : Description.Length > 0 ? Description : Id.ToString("B");
}
