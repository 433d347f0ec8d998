namespace Hyper2Kvm;

/// <summary>A driver package chosen for a guest, with what its INF says of it: enough to put it into the driver store.</summary>
public record PlannedPackage
{
    /// <summary>Name in the rules, for example <c>viostor</c>; without a rule that of the INF.</summary>
    public required string Name { get; init; }

    /// <summary>The device that it serves, by its hardware ids.</summary>
    public VirtioDevice Device { get; init; }

    public required GuestArchitecture Architecture { get; init; }

    /// <summary>DriverVer version, for example <c>100.101.104.28500</c>.</summary>
    public required string Version { get; init; }

    /// <summary>DriverVer date.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>INF provider, resolved.</summary>
    public required string Provider { get; init; }

    /// <summary>INF class, for example <c>SCSIAdapter</c>.</summary>
    public required string ClassName { get; init; }

    public required Guid ClassGuid { get; init; }

    /// <summary>File name of the INF in the package, lower case.</summary>
    public required string InfName { get; init; }

    /// <summary>File name of the catalog, or null when the package has none.</summary>
    public string? CatalogName { get; init; }

    /// <summary>Directory of the package within the driver source.</summary>
    public required string SourceDirectory { get; init; }

    /// <summary>Directory name in the driver store: <c>viostor.inf_amd64_</c> and 16 hex digits derived from the package's bytes.</summary>
    public required string PackageLabel { get; init; }

    /// <summary>The files that the INF names, the INF and the catalog themselves included.</summary>
    public required IReadOnlyList<PlannedFile> Files { get; init; }

    /// <summary>Signatures of the driver: those in itself first, that of the catalog last.</summary>
    public IReadOnlyList<DriverSignature> Signatures { get; init; } = [];

    /// <summary>Why this Windows does not load a driver of it; null when it does. A plan has such a package only by explicit wish.</summary>
    public string? SignatureObstacle { get; init; }

    public required IReadOnlyList<PlannedModel> Models { get; init; }

    /// <summary>All ids of all models, first ids first within a model, in the INF's order.</summary>
    public IReadOnlyList<string> HardwareIds => [.. Models.SelectMany(model => model.CompatibleIds.Prepend(model.HardwareId))];

    public sealed override string ToString() => $"{Name} {Version}";
}
