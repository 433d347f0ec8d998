namespace Hyper2Kvm.Drivers;

/// <summary>A driver as the rules know it, and what its INF must say.</summary>
public sealed record DriverDefinition
{
    public required string Name { get; init; }

    public required DriverRole Role { get; init; }

    public required StorageBus Bus { get; init; }

    /// <summary>What <c>{driver}</c> stands for in a layout.</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    /// <summary>File name of the INF.</summary>
    public required string Inf { get; init; }

    public required string Service { get; init; }

    public required Guid ClassGuid { get; init; }

    /// <summary>Device ids; an INF id serves one when it is equal or goes on after it with <c>&amp;</c>.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    public override string ToString() => Name;
}
