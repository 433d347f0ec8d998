namespace Hyper2Kvm;

/// <summary>Which Windows it is, from the SOFTWARE hive and the loader's own architecture.</summary>
public sealed record WindowsVersion
{
    /// <summary>As stored; Windows 11 still says "Windows 10" here, so decide by <see cref="Build"/>.</summary>
    public required string ProductName { get; init; }

    /// <summary><c>EditionID</c>, for example <c>ServerStandard</c>; empty before Vista.</summary>
    public string EditionId { get; init; } = "";

    /// <summary><c>InstallationType</c>: Client, Server, Server Core; empty before Vista.</summary>
    public string InstallationType { get; init; } = "";

    /// <summary><c>DisplayVersion</c> or <c>ReleaseId</c>, for example <c>22H2</c>; empty when there is none.</summary>
    public string DisplayVersion { get; init; } = "";

    public required int Major { get; init; }

    public required int Minor { get; init; }

    public required int Build { get; init; }

    /// <summary><c>UBR</c>; 0 when there is none.</summary>
    public int Revision { get; init; }

    public required GuestArchitecture Architecture { get; init; }

    public required bool IsServer { get; init; }

    /// <summary>Version 10.0.20348.1 in full.</summary>
    public string Version => FormattableString.Invariant($"{Major}.{Minor}.{Build}.{Revision}");

    public override string ToString() => $"{ProductName} {Version} {Architecture}";
}
