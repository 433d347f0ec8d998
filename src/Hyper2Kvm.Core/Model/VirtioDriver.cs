namespace Hyper2Kvm;

/// <summary>A driver package that a driver source offers: one INF with what lies beside it.</summary>
public sealed record VirtioDriver
{
    /// <summary>Name of the INF without its ending, lower case: <c>netkvm</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The device, by its hardware ids.</summary>
    public required VirtioDevice Device { get; init; }

    /// <summary>DriverVer version, for example <c>100.101.104.28500</c>.</summary>
    public required string Version { get; init; }

    /// <summary>DriverVer date.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>INF provider, resolved.</summary>
    public required string Provider { get; init; }

    /// <summary>INF class, for example <c>Net</c>.</summary>
    public required string ClassName { get; init; }

    public required Guid ClassGuid { get; init; }

    /// <summary>Full host path of the ISO or folder.</summary>
    public required string Source { get; init; }

    /// <summary>The INF within the source, with forward slashes.</summary>
    public required string InfPath { get; init; }

    /// <summary>Architectures that the INF has models for; where the driver itself is beside it, that of the driver.</summary>
    public required IReadOnlyList<GuestArchitecture> Architectures { get; init; }

    /// <summary>Lowest Windows of each models section, as the INF's decorations say: <c>6.1</c>, <c>10.0.16299</c>, <c>any</c> where they name none.</summary>
    public required IReadOnlyList<string> Systems { get; init; }

    /// <summary>All ids of all models, without repetition, in the INF's order.</summary>
    public required IReadOnlyList<string> HardwareIds { get; init; }

    /// <summary>Names of the services that the INF installs.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>Signatures of each driver file: those in itself, then that of the catalog. Of a package without a driver of its own, that of the
    /// catalog over the INF. Empty when the files are not there.</summary>
    public required IReadOnlyList<DriverSignature> Signatures { get; init; }

    /// <summary>The best signature of the worst-signed driver file, Damaged where one does not hold; null when the files are not there.</summary>
    public DriverSignature? Signature { get; init; }

    public override string ToString() => $"{Name} {Version}";
}
