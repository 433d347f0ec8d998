namespace Hyper2Kvm;

/// <summary>What became of one machine on its way to KVM: all stages, with what each of them found and made.</summary>
public sealed record KvmMigration
{
    /// <summary>Not public, for PowerShell would make a migration full of nulls from any object that has some of its properties.</summary>
    internal KvmMigration()
    {
    }

    /// <summary>The domain's name; before one is known, that of the machine or of the image.</summary>
    public required string Name { get; init; }

    public required KvmMigrationState State { get; init; }

    /// <summary>Full path of the image with Windows as it was found; before it is found, what the user named.</summary>
    public required string SourcePath { get; init; }

    /// <summary>The disk that the domains start from; null where it did not come to that.</summary>
    public string? ImagePath { get; init; }

    /// <summary>Those that were come to, in order.</summary>
    public required IReadOnlyList<KvmMigrationStage> Stages { get; init; }

    public required IReadOnlyList<KvmMigrationDecision> Decisions { get; init; }

    /// <summary>The guest as it was found.</summary>
    public WindowsLayout? Layout { get; init; }

    /// <summary>Null where no drivers had to be chosen in this run.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The edit; of a stage that an earlier run has done, without its actions.</summary>
    public GuestEdit? Edit { get; init; }

    /// <summary>All that was changed in the guest, also by a repair of the boot store.</summary>
    public required IReadOnlyList<GuestChange> Changes { get; init; }

    /// <summary>The copy of the boot store on the host; null where there is none.</summary>
    public string? BackupPath { get; init; }

    /// <summary>What is to be said about the boot store.</summary>
    public required IReadOnlyList<BcdFinding> Findings { get; init; }

    public required IReadOnlyList<KvmDomain> Domains { get; init; }

    /// <summary>Disks that were copied or converted.</summary>
    public required IReadOnlyList<DiskConversion> Conversions { get; init; }

    public required IReadOnlyList<KvmBootResult> Boots { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What to do now, each a sentence or a command.</summary>
    public required IReadOnlyList<string> NextSteps { get; init; }

    /// <summary>How to undo the edit, as a command; null where there is none.</summary>
    public string? Undo { get; init; }

    /// <summary>The file that says what is done; null in a rehearsal.</summary>
    public string? StatePath { get; init; }

    /// <summary>Id of the error that ended it; null where none did.</summary>
    public string? ErrorId { get; init; }

    public string? Error { get; init; }

    /// <summary>When this run began, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>How long this run took.</summary>
    public required TimeSpan Duration { get; init; }

    public override string ToString() => Name;
}
