namespace Hyper2Kvm.Inf;

/// <summary>What an install section asks for on one Windows.</summary>
public sealed record InfInstall
{
    /// <summary>The section taken, with its decoration if it has one.</summary>
    public required string Section { get; init; }

    /// <summary>Files of the section itself and of its co-installers.</summary>
    public required IReadOnlyList<InfFileCopy> Files { get; init; }

    public required IReadOnlyList<InfService> Services { get; init; }

    /// <summary>AddReg of the <c>.HW</c> section; HKR is the device's hardware key.</summary>
    public required IReadOnlyList<InfRegistryValue> DeviceRegistry { get; init; }

    /// <summary>INFs that Include names: Windows' own, not read here.</summary>
    public required IReadOnlyList<string> Includes { get; init; }

    /// <summary>Sections of those INFs that Needs names.</summary>
    public required IReadOnlyList<string> Needs { get; init; }
}
