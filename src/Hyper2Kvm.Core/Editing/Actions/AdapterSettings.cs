namespace Hyper2Kvm.Editing.Actions;

/// <summary>What the adapter with a MAC address is to be set to. Checked: nothing here can mean anything to a shell but itself.</summary>
public sealed record AdapterSettings
{
    /// <summary><c>00:0C:29:F3:FF:DE</c>.</summary>
    public required string MacAddress { get; init; }

    /// <summary>The connection's name; null leaves it.</summary>
    public string? Name { get; init; }

    /// <summary>IPv4 from DHCP.</summary>
    public required bool UsesDhcp { get; init; }

    public IReadOnlyList<NetworkAddress> Addresses { get; init; } = [];

    public IReadOnlyList<NetworkGateway> Gateways { get; init; } = [];

    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>Null leaves it.</summary>
    public string? DnsSuffix { get; init; }

    public bool RegistersInDns { get; init; } = true;

    public IReadOnlyList<string> WinsServers { get; init; } = [];

    /// <summary>0 as DHCP says, 1 on, 2 off.</summary>
    public int NetbiosOption { get; init; }

    public int? InterfaceMetric { get; init; }

    public int? Mtu { get; init; }

    /// <summary>Persistent routes through this adapter.</summary>
    public IReadOnlyList<NetworkRoute> Routes { get; init; } = [];

    /// <summary>Firewall category: Private or Public; null leaves it to Windows.</summary>
    public string? Category { get; init; }

    public override string ToString() => MacAddress;
}
