using System.Globalization;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Says in sections what is in a migration: first what a reader has to know and do, then what was found, changed and seen.</summary>
internal static class ReportBuilder
{
    /// <param name="migration">What to report.</param>
    /// <param name="maker">Who writes it, and when.</param>
    public static ReportDocument Build(KvmMigration migration, string maker) => new(
        $"Migration of {migration.Name} to KVM",
        $"{migration.State}",
        ToneOf(migration.State),
        maker,
        [.. Sections(migration).Where(section => section.Blocks.Count > 0)]);

    private static IEnumerable<ReportSection> Sections(KvmMigration migration) =>
    [
        new("Summary", Summary(migration)),
        new("What to do next", NextSteps(migration)),
        new("Warnings", Warnings(migration)),
        new("What was found", ReportFindings.Of(migration)),
        new("What was decided", Decisions(migration)),
        new("What was changed", ReportChanges.Of(migration)),
        new("Boots on trial", [.. migration.Boots.SelectMany(Boot)]),
        new("Stages and timings", Stages(migration)),
        new("Files", Files(migration)),
    ];

    private static ReportTone ToneOf(KvmMigrationState state) => state switch
    {
        KvmMigrationState.Failed => ReportTone.Error,
        KvmMigrationState.NoWindows => ReportTone.Warning,
        KvmMigrationState.Rehearsed => ReportTone.Neutral,
        _ => ReportTone.Good,
    };

    private static List<ReportBlock> Summary(KvmMigration migration)
    {
        List<(string, ReportCell)> facts = [("Came to", StateOf(migration.State)), ("Source", ReportCell.Code(migration.SourcePath))];
        if (migration.ImagePath is { } image)
        {
            facts.Add(("Disk for KVM", ReportCell.Code(image)));
        }

        if (migration.Layout is { } layout)
        {
            facts.Add(("Windows", $"{layout.Windows}"));
            facts.Add(("Firmware", $"{layout.Firmware}"));
        }

        facts.Add(("Changes in the guest", ReportText.Count(migration.Changes.Count(change => change.Kind != GuestChangeKind.Unchanged), "change")));
        if (migration.Started != default)
        {
            facts.Add(("Started", ReportText.Time(migration.Started)));
        }

        facts.Add(("Took", ReportText.Duration(migration.Duration)));
        List<ReportBlock> blocks = [new ReportBlock.Facts(facts)];
        if (migration.Error is { } error)
        {
            blocks.Insert(0, new ReportBlock.Note(ReportTone.Error, $"{migration.ErrorId}: {error}"));
        }

        return blocks;
    }

    private static string StateOf(KvmMigrationState state) => state switch
    {
        KvmMigrationState.Completed => "everything that was asked for is done",
        KvmMigrationState.Unchanged => "earlier runs had done everything; this one changed nothing",
        KvmMigrationState.Rehearsed => "a rehearsal: nothing was written",
        KvmMigrationState.NoWindows => "there is no Windows on its disks",
        _ => "it failed",
    };

    private static List<ReportBlock> NextSteps(KvmMigration migration)
    {
        List<ReportBlock> blocks = [];
        if (migration.NextSteps.Count > 0)
        {
            blocks.Add(new ReportBlock.Steps([.. migration.NextSteps.Select(step => (ReportCell)step)]));
        }

        if (migration.Undo is { } undo)
        {
            blocks.Add(new ReportBlock.Paragraph("This takes the edit back; the source was not changed:"));
            blocks.Add(new ReportBlock.Command(ReportCell.Code(undo)));
        }

        return blocks;
    }

    private static List<ReportBlock> Warnings(KvmMigration migration) =>
    [
        .. (migration.Layout?.Conditions ?? []).Where(condition => condition.BlocksEdit)
            .Select(condition => new ReportBlock.Note(ReportTone.Error, $"{condition.Id}: {condition.Detail} {condition.Remedy}")),
        .. migration.Findings.Where(finding => finding.Severity == FindingSeverity.Error)
            .Select(finding => new ReportBlock.Note(ReportTone.Error, $"{finding.Id}: {finding.Message} {finding.Remedy}".TrimEnd())),
        .. migration.Warnings.Where(warning => !migration.Findings.Any(finding => warning.StartsWith($"{finding.Id}: ", StringComparison.Ordinal)))
            .Select(warning => new ReportBlock.Note(ReportTone.Warning, warning)),
    ];

    private static List<ReportBlock> Decisions(KvmMigration migration) => migration.Decisions.Count == 0 ? [] :
    [
        new ReportBlock.Table("", ["Question", "Answer", "Consequence"], [.. migration.Decisions.Select(decision =>
            (IReadOnlyList<ReportCell>)[decision.Question, decision.Answer, decision.Consequence])]),
    ];

    private static List<ReportBlock> Boot(KvmBootResult boot)
    {
        List<(string, ReportCell)> facts =
        [
            ("Domain", $"{boot.Name}, {boot.Phase}"), ("Came to", $"{boot.Reached} ({boot.Outcome})"),
            ("Took", $"{ReportText.Duration(boot.Duration)} ({boot.Accelerator})"), ("Serial log", ReportCell.Code(boot.SerialLog)),
        ];
        if (boot.Code is { } code)
        {
            facts.Insert(2, ("Code", $"{code} {boot.CodeName}".TrimEnd()));
        }

        List<ReportBlock> blocks = [new ReportBlock.Facts(facts)];
        if (boot.Cause is { } cause)
        {
            blocks.Insert(0, new ReportBlock.Note(boot.IsSuccess ? ReportTone.Neutral : ReportTone.Error, $"{cause} {boot.Remedy}".TrimEnd()));
        }

        blocks.Add(new ReportBlock.Table($"The {boot.Phase} boot, stage by stage", ["Stage", "After", "Seen by"], [.. boot.Milestones.Select(milestone =>
            (IReadOnlyList<ReportCell>)[$"{milestone.Stage}", ReportText.Duration(milestone.After), milestone.Evidence])]));
        blocks.Add(new ReportBlock.Pictures(ReportPictures.Of(boot)));
        return blocks;
    }

    private static List<ReportBlock> Stages(KvmMigration migration) => migration.Stages.Count == 0 ? [] :
    [
        new ReportBlock.Table("", ["Stage", "State", "Started", "Took", "What was done"], [.. migration.Stages.Select(stage =>
            (IReadOnlyList<ReportCell>)[$"{stage.Step}", $"{stage.State}", ReportText.Time(stage.Started), ReportText.Duration(stage.Duration), stage.Detail])]),
    ];

    private static List<ReportBlock> Files(KvmMigration migration)
    {
        List<(string What, string Path)> files = [];
        void Add(string what, string? path)
        {
            if (path is not null)
            {
                files.Add((what, path));
            }
        }

        Add("Edited disk", migration.Edit is { Mode: not EditMode.Preview } edit ? edit.ImagePath : null);
        Add("Change log", migration.Edit?.LogPath);
        Add("Copy of the boot store", migration.BackupPath);
        foreach (KvmDomain domain in migration.Domains)
        {
            Add($"{domain.Phase} domain ({domain.Kind})", domain.Path);
            Add("Blank VirtIO disk", domain.DummyDiskPath);
        }

        foreach (DiskConversion conversion in migration.Conversions)
        {
            string verified = conversion.IsVerified ? ", compared with its source" : "";
            Add(string.Create(CultureInfo.InvariantCulture, $"{conversion.ImageFormat} copy of '{Path.GetFileName(conversion.SourcePath)}'{verified}"), conversion.Destination);
        }

        Add("State of the migration", migration.StatePath);
        return files.Count == 0 ? [] :
            [new ReportBlock.Table("", ["What", "Where"], [.. files.Select(file => (IReadOnlyList<ReportCell>)[file.What, ReportCell.Code(file.Path)])])];
    }
}
