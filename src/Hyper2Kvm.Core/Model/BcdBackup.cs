namespace Hyper2Kvm;

/// <summary>A copy of a guest's boot store on the host, and what it says.</summary>
public sealed record BcdBackup
{
    public required WindowsLayout Layout { get; init; }

    public VirtioDriverPlan? Plan { get; init; }

    public required string ImagePath { get; init; }

    /// <summary>Where the store is in the guest.</summary>
    public required string StorePath { get; init; }

    /// <summary>The copy; null in a rehearsal.</summary>
    public string? BackupPath { get; init; }

    /// <summary>The copy beside the store in the guest; null when there is none.</summary>
    public string? GuestBackupPath { get; init; }

    /// <summary>Of the store, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    public required IReadOnlyList<BcdEntry> Entries { get; init; }

    public required IReadOnlyList<BcdFinding> Findings { get; init; }

    public override string ToString() => BackupPath ?? StorePath;
}
