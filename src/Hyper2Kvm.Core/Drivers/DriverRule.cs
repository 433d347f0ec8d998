namespace Hyper2Kvm.Drivers;

/// <summary>The driver directories for one kind of guest.</summary>
public sealed record DriverRule
{
    public required string Name { get; init; }

    public required BuildRange Builds { get; init; }

    public required ProductKind Product { get; init; }

    public required IReadOnlyList<GuestArchitecture> Architectures { get; init; }

    /// <summary>What <c>{os}</c> stands for in a layout, best first.</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    public bool Fits(WindowsVersion windows) =>
        Builds.Contains(windows.Build)
        && (Product == ProductKind.Any || windows.IsServer == (Product == ProductKind.Server))
        && Architectures.Contains(windows.Architecture);

    public override string ToString() => Name;
}
