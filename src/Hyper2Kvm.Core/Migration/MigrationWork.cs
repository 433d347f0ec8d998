using Hyper2Kvm.Editing;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Migration;

/// <summary>What one run over one machine knows: each stage leaves here what the next ones need.</summary>
internal sealed class MigrationWork
{
    public MigrationWork(MigrationSource source, MigrationSettings settings, MigrationHost host, MigrationReporter reporter, CancellationToken token)
    {
        Source = source;
        Settings = settings;
        Host = host;
        Reporter = reporter;
        Token = token;
        Journal = new MigrationJournal(settings, reporter, () => Keep(isComplete: false), token);
    }

    public MigrationSource Source { get; }

    public MigrationSettings Settings { get; }

    public MigrationHost Host { get; }

    public MigrationReporter Reporter { get; }

    public CancellationToken Token { get; }

    public MigrationJournal Journal { get; }

    public List<KvmMigrationDecision> Decisions { get; } = [];

    /// <summary>The guest as it was found.</summary>
    public WindowsLayout? Layout { get; set; }

    public MigrationFiles? Files { get; set; }

    /// <summary>The state file is this run's to write.</summary>
    public bool OwnsState { get; set; }

    /// <summary>The state that was there, whether it counts or not; null where there was none, or none may count.</summary>
    public MigrationRecord? Found { get; set; }

    public IReadOnlyList<MigrationSourceFile> SourceFiles { get; set; } = [];

    public MigrationDisk? SystemDisk { get; set; }

    public IReadOnlyList<MigrationDisk> DataDisks { get; set; } = [];

    /// <summary>Of the final domain.</summary>
    public StorageBus Bus { get; set; }

    /// <summary>The guest starts from that bus without an edit.</summary>
    public bool IsReady { get; set; }

    /// <summary>The edit was done by an earlier run, and counts: what comes after it may count too.</summary>
    public bool IsFixed { get; set; }

    public VirtioDriverPlan? Plan { get; set; }

    public GuestEdit? Edit { get; set; }

    public List<GuestChange> Changes { get; } = [];

    public IReadOnlyList<BcdFinding> Findings { get; set; } = [];

    public string? Backup { get; set; }

    public DomainFiles? DomainFiles { get; set; }

    public List<KvmDomain> Domains { get; } = [];

    public List<DiskConversion> Conversions { get; } = [];

    public List<KvmBootResult> Boots { get; } = [];

    /// <summary>The disk to edit: in a rehearsal the source stands for its copy.</summary>
    public string WorkImage => SystemDisk!.IsCopiedFirst && !Settings.Preview ? SystemDisk.Target : SystemDisk.Source;

    /// <summary>What the domains start from: the one file of the disk where one is asked for, else the overlay.</summary>
    public string FinalImage =>
        Settings.Conversion is { } conversion && !SystemDisk!.IsCopiedFirst ? Files!.Converted(conversion.Format) : Files!.Overlay;

    public IReadOnlyList<MigrationDisk> CopiedFirst => [.. ((MigrationDisk[])[SystemDisk!, .. DataDisks]).Where(disk => disk.IsCopiedFirst)];

    public string UndoCommand => GuestEditor.UndoCommand(Files!.Overlay);

    public IReadOnlyList<string> Warnings => [.. (Journal.Earlier?.Warnings ?? []).Concat(Reporter.Warnings).Distinct()];

    public bool IsCopied(MigrationDisk disk) => disk.IsCopiedFirst || Settings.Conversion is not null;

    /// <summary>Takes over what the earlier run wrote of these disks.</summary>
    public void RepeatConversions(IEnumerable<MigrationDisk> disks) =>
        Conversions.AddRange(Journal.Earlier!.Conversions.Where(conversion => disks.Any(disk => disk.Target == conversion.Destination)));

    /// <summary>The state of things goes to the disk: a run that is interrupted after this can be gone on with. Before anything was written
    /// there is nothing to keep.</summary>
    public void Keep(bool isComplete)
    {
        if (!OwnsState || !Directory.Exists(Files!.Folder) || Journal.Stages.All(stage => stage.Step <= KvmMigrationStep.Plan))
        {
            return;
        }

        MigrationStateFile.Write(Files!.State, new MigrationRecord
        {
            IsComplete = isComplete,
            SourcePath = Layout!.ImagePath,
            SourceFiles = SourceFiles,
            Stages = Journal.Stages,
            Changes = Changes,
            BytesChanged = Edit?.BytesChanged ?? 0,
            BackupPath = Backup,
            Findings = Findings,
            Conversions = Conversions,
            Boots = Boots,
            Warnings = Warnings,
        });
    }
}
