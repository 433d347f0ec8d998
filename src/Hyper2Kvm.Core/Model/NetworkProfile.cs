namespace Hyper2Kvm;

/// <summary>A network that Windows remembers, with the firewall category that it has there (Vista and later).</summary>
public sealed record NetworkProfile
{
    /// <summary>Key below <c>NetworkList\Profiles</c>.</summary>
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Public, Private, Domain; a number where Windows has a newer one.</summary>
    public required string Category { get; init; }

    /// <summary>MAC address of the gateway by which Windows knows the network again; null when there is none.</summary>
    public string? GatewayMac { get; init; }

    /// <summary>Local time of the guest, as it is stored; null when it was never connected.</summary>
    public DateTime? LastConnected { get; init; }

    public override string ToString() => Name;
}
