namespace Hyper2Kvm.Migration;

/// <summary>What the state file keeps of a migration: all that a later run cannot find out again by looking.</summary>
internal sealed record MigrationRecord
{
    /// <summary>Everything that was asked for then is done.</summary>
    public bool IsComplete { get; init; }

    public required string SourcePath { get; init; }

    /// <summary>The files of the disks that the result stands on, as they were.</summary>
    public required IReadOnlyList<MigrationSourceFile> SourceFiles { get; init; }

    public required IReadOnlyList<KvmMigrationStage> Stages { get; init; }

    public required IReadOnlyList<GuestChange> Changes { get; init; }

    /// <summary>Bytes of the disk that the edit changed.</summary>
    public long BytesChanged { get; init; }

    /// <summary>Full path; the file says the name alone.</summary>
    public string? BackupPath { get; init; }

    public required IReadOnlyList<BcdFinding> Findings { get; init; }

    public required IReadOnlyList<DiskConversion> Conversions { get; init; }

    public required IReadOnlyList<KvmBootResult> Boots { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }
}
