namespace Hyper2Kvm.Migration.Reports;

/// <summary>Which reports to write of a migration, and where.</summary>
public sealed record MigrationReportRequest
{
    public required KvmMigration Migration { get; init; }

    public IReadOnlyList<MigrationReportFormat> Formats { get; init; } = Enum.GetValues<MigrationReportFormat>();

    /// <summary>Full path of the folder; null: the one that has the results. It is made where it is missing.</summary>
    public string? Folder { get; init; }

    /// <summary>When the report is made, UTC.</summary>
    public required DateTime Made { get; init; }

    /// <summary>Replace reports that differ.</summary>
    public bool Force { get; init; }

    /// <summary>Rehearse: write nothing.</summary>
    public bool Preview { get; init; }
}
