namespace Hyper2Kvm;

/// <summary>The network settings of a powered-off Windows.</summary>
public sealed record WindowsNetwork
{
    /// <summary>Not public, for PowerShell would make one full of nulls from any object that has some of its properties.</summary>
    internal WindowsNetwork()
    {
    }

    public required WindowsLayout Layout { get; init; }

    /// <summary>Carried on to the next cmdlet.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The image that was read.</summary>
    public required string ImagePath { get; init; }

    public required string HostName { get; init; }

    /// <summary>The primary DNS suffix; empty when there is none.</summary>
    public required string DnsDomain { get; init; }

    /// <summary>Suffixes that are tried for short names.</summary>
    public required IReadOnlyList<string> DnsSearchList { get; init; }

    /// <summary>All but those that Windows hides (its own WAN miniports).</summary>
    public required IReadOnlyList<NetworkAdapter> Adapters { get; init; }

    public required IReadOnlyList<NetworkRoute> Routes { get; init; }

    /// <summary>The networks that Windows remembers; empty before Vista.</summary>
    public required IReadOnlyList<NetworkProfile> Profiles { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public override string ToString() => ImagePath;
}
