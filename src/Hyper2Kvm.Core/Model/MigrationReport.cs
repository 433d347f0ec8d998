namespace Hyper2Kvm;

/// <summary>A file that reports a migration.</summary>
public sealed record MigrationReport
{
    /// <summary>Not public, for PowerShell would make a report full of nulls from any object that has some of its properties.</summary>
    internal MigrationReport()
    {
    }

    /// <summary>Of the migration.</summary>
    public required string Name { get; init; }

    public required KvmMigrationState State { get; init; }

    public required MigrationReportFormat Format { get; init; }

    /// <summary>Full path of the file, or in a rehearsal where it would be.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public override string ToString() => Path;
}
