namespace Hyper2Kvm;

/// <summary>A package with one function driver, and everything its INF says that an offline installation needs.</summary>
public sealed record PlannedDriver : PlannedPackage
{
    public required DriverRole Role { get; init; }

    public required PlannedService Service { get; init; }

    /// <summary>Install section with the decoration that this guest selects, <c>scsi_inst.NTamd64</c> or plain <c>scsi_inst</c>.</summary>
    public required string InstallSection { get; init; }

    /// <summary>Manufacturer as written, usually a <c>%token%</c>.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>The INF says PnpLockdown = 1: Windows guards the installed files.</summary>
    public bool PnpLockdown { get; init; }

    /// <summary>Device AddReg (the <c>.HW</c> section), keys relative to the device's hardware key.</summary>
    public required IReadOnlyList<PlannedRegistryValue> DeviceRegistry { get; init; }

    /// <summary>The INF strings that Models and Manufacturer use: token in lower case, text.</summary>
    public required IReadOnlyDictionary<string, string> Strings { get; init; }
}
