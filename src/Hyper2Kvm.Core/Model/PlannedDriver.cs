namespace Hyper2Kvm;

/// <summary>A driver package chosen for a guest, with everything its INF says that an offline installation needs.</summary>
public sealed record PlannedDriver
{
    /// <summary>Name in the rules, for example <c>viostor</c>.</summary>
    public required string Name { get; init; }

    public required DriverRole Role { get; init; }

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

    /// <summary>Why this Windows does not load the driver; null when it does. A plan has such a driver only by explicit wish.</summary>
    public string? SignatureObstacle { get; init; }

    public required PlannedService Service { get; init; }

    /// <summary>Install section with the decoration that this guest selects, <c>scsi_inst.NTamd64</c> or plain <c>scsi_inst</c>.</summary>
    public required string InstallSection { get; init; }

    /// <summary>Manufacturer as written, usually a <c>%token%</c>.</summary>
    public required string Manufacturer { get; init; }

    public required IReadOnlyList<PlannedModel> Models { get; init; }

    /// <summary>Device AddReg (the <c>.HW</c> section), keys relative to the device's hardware key.</summary>
    public required IReadOnlyList<PlannedRegistryValue> DeviceRegistry { get; init; }

    /// <summary>The INF strings that Models and Manufacturer use: token in lower case, text.</summary>
    public required IReadOnlyDictionary<string, string> Strings { get; init; }

    /// <summary>All ids of all models, first ids first within a model, in the INF's order.</summary>
    public IReadOnlyList<string> HardwareIds => [.. Models.SelectMany(model => model.CompatibleIds.Prepend(model.HardwareId))];

    public override string ToString() => $"{Name} {Version}";
}
