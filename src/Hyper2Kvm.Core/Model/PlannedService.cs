namespace Hyper2Kvm;

/// <summary>A service as an INF's AddService section describes it.</summary>
public sealed record PlannedService
{
    public required string Name { get; init; }

    /// <summary>Resolved text, or null when the INF gives none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The DisplayName as the INF writes it when it is a <c>%token%</c>, else null: Windows stores <c>@oemN.inf,%token%;text</c>.</summary>
    public string? DisplayNameToken { get; init; }

    /// <summary>SERVICE_KERNEL_DRIVER is 1.</summary>
    public required int Type { get; init; }

    /// <summary>SERVICE_BOOT_START is 0.</summary>
    public required int Start { get; init; }

    public required int ErrorControl { get; init; }

    /// <summary>LoadOrderGroup, or null.</summary>
    public string? Group { get; init; }

    /// <summary>File name of the driver, <c>viostor.sys</c>.</summary>
    public required string BinaryName { get; init; }

    /// <summary>DIRID of ServiceBinary: 12 is System32\drivers, 13 is the package's own directory in the driver store.</summary>
    public required int BinaryDirId { get; init; }

    /// <summary>Service AddReg (Parameters, PnpInterface ...), keys relative to the service key.</summary>
    public required IReadOnlyList<PlannedRegistryValue> Registry { get; init; }

    /// <summary>Name below <c>Services\EventLog\System</c>, or null when the INF installs no event log.</summary>
    public string? EventLogName { get; init; }

    /// <summary>Event log AddReg, keys relative to that key.</summary>
    public IReadOnlyList<PlannedRegistryValue> EventLogRegistry { get; init; } = [];

    public override string ToString() => Name;
}
