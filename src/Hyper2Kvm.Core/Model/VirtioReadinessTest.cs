namespace Hyper2Kvm;

/// <summary>Whether a disk is VirtIO boot-ready, with reasons, from the disk alone.</summary>
public sealed record VirtioReadinessTest
{
    /// <summary>Not public, for PowerShell would make a test full of nulls from any object that has some of its properties.</summary>
    internal VirtioReadinessTest()
    {
    }

    public required WindowsLayout Layout { get; init; }

    /// <summary>Carried on to the next cmdlet.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    public required string ImagePath { get; init; }

    /// <summary>The bus that was asked for, or that of the plan; null: any will do.</summary>
    public StorageBus? Bus { get; init; }

    /// <summary>The driver of <see cref="Bus"/>, or of any bus, passes all that is required.</summary>
    public bool IsReady => Checks
        .Where(check => Bus is null || check.Bus == Bus)
        .Any(check => ReadyDrivers.Contains(check.Driver, StringComparer.OrdinalIgnoreCase));

    /// <summary>Drivers that pass all that is required.</summary>
    public required IReadOnlyList<string> ReadyDrivers { get; init; }

    /// <summary>Drivers whose device this Windows has met and installed, as after a bootstrap boot.</summary>
    public IReadOnlyList<string> InstalledDrivers =>
        [.. Checks.Where(check => check is { Id: "DeviceInstalled", Passed: true }).Select(check => check.Driver)];

    /// <summary>Windows has run on KVM, and been shut down, since the drivers were registered: from then on DeviceInstalled is required.</summary>
    public bool HasRunOnKvm => Checks.Any(check => check is { Id: "DeviceInstalled", IsRequired: true });

    public required IReadOnlyList<ReadinessCheck> Checks { get; init; }

    public override string ToString() => ImagePath;
}
