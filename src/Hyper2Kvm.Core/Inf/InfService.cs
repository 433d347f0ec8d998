namespace Hyper2Kvm.Inf;

/// <summary>An AddService line and the sections that it names.</summary>
public sealed record InfService
{
    /// <summary>SPSVCINST_ASSOCSERVICE: this is the device's function driver.</summary>
    public const int AssociatedService = 0x2;

    public required string Name { get; init; }

    /// <summary>SPSVCINST_* flags.</summary>
    public required int Flags { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>The DisplayName as the INF writes it when it is one <c>%token%</c>, else null.</summary>
    public string? DisplayNameToken { get; init; }

    public required int ServiceType { get; init; }

    public required int StartType { get; init; }

    public required int ErrorControl { get; init; }

    public string? LoadOrderGroup { get; init; }

    /// <summary>DIRID of ServiceBinary.</summary>
    public required int BinaryDirectoryId { get; init; }

    /// <summary>Path below that directory with backslashes; for a driver the file name alone.</summary>
    public required string BinaryPath { get; init; }

    /// <summary>AddReg of the service section; HKR is the service's key.</summary>
    public required IReadOnlyList<InfRegistryValue> Registry { get; init; }

    /// <summary>Name below <c>Services\EventLog\System</c>; null when there is no event log section.</summary>
    public string? EventLogName { get; init; }

    /// <summary>AddReg of the event log section; HKR is that event log's key.</summary>
    public required IReadOnlyList<InfRegistryValue> EventLogRegistry { get; init; }
}
