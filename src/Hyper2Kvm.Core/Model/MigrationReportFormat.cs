namespace Hyper2Kvm;

/// <summary>What a report of a migration is written as.</summary>
public enum MigrationReportFormat
{
    /// <summary>One page with all it needs in it, for people.</summary>
    Html,

    /// <summary>For a wiki or a ticket; screenshots are links to their files.</summary>
    Markdown,

    /// <summary>For programs; the schema is <c>data/migration-report.schema.json</c>.</summary>
    Json,
}
