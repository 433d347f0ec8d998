namespace Hyper2Kvm.Migration.Reports;

/// <summary>What single cmdlets said about one guest.</summary>
/// <param name="source">The image that came first, or the name of a domain.</param>
internal sealed class ResultGroup(string source)
{
    private readonly List<GuestEdit> _edits = [];
    private readonly List<KvmDomain> _domains = [];
    private readonly List<DiskConversion> _conversions = [];
    private readonly List<KvmBootResult> _boots = [];
    private readonly List<KvmMigrationStage> _stages = [];
    private string? _backup;

    /// <summary>Images and domains by which a result is known as one of this guest.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public WindowsLayout? Layout { get; set; }

    public VirtioDriverPlan? Plan { get; set; }

    public IReadOnlyList<BcdFinding> Findings { get; set; } = [];

    public void Add(GuestEdit edit)
    {
        Plan ??= edit.Plan;
        // A preview holds what the previews before it did; edits for real hold their own.
        if (edit.Mode == EditMode.Preview)
        {
            _edits.Clear();
        }

        _edits.Add(edit);
        Stage(KvmMigrationStep.Fix, edit.Duration, string.Join(", ", edit.Steps));
    }

    public void Add(BcdBackup backup)
    {
        _backup = backup.BackupPath;
        Findings = backup.Findings;
        Stage(KvmMigrationStep.Backup, TimeSpan.Zero, backup.StorePath);
    }

    public void Add(KvmDomain domain)
    {
        Plan ??= domain.Plan;
        _domains.Add(domain);
        Stage(KvmMigrationStep.Domains, TimeSpan.Zero, $"{domain.Phase}: {domain}");
    }

    public void Add(DiskConversion conversion)
    {
        _conversions.Add(conversion);
        Stage(KvmMigrationStep.Convert, conversion.Duration, conversion.Destination);
    }

    public void Add(KvmBootResult boot)
    {
        _boots.Add(boot);
        Stage(
            KvmMigrationStep.BootTest, boot.Duration, $"{boot.Phase}: {boot.Reached}",
            boot.IsSuccess ? KvmMigrationStageState.Done : KvmMigrationStageState.Failed);
    }

    public KvmMigration ToMigration()
    {
        KvmBootResult? failed = _boots.Find(boot => !boot.IsSuccess);
        GuestEdit? last = _edits.LastOrDefault();
        GuestChange[] changes = [.. _edits.SelectMany(edit => edit.Changes)];
        KvmMigration result = new()
        {
            Name = _domains.FirstOrDefault()?.Name ?? Layout?.Machine?.Name ?? MigrationFiles.BaseOf(source),
            State = failed is not null ? KvmMigrationState.Failed : last?.Mode == EditMode.Preview ? KvmMigrationState.Rehearsed : KvmMigrationState.Completed,
            SourcePath = Layout?.ImagePath ?? source,
            ImagePath = _domains.LastOrDefault()?.ImagePath ?? _conversions.LastOrDefault()?.ImagePath ?? last?.ImagePath,
            Stages = _stages.ToArray(),
            Decisions = [],
            Layout = Layout,
            Plan = Plan,
            Edit = last is null ? null : last with { Changes = changes, BytesChanged = _edits.Sum(edit => edit.BytesChanged) },
            Changes = changes,
            BackupPath = _backup,
            Findings = Findings,
            Domains = _domains.ToArray(),
            Conversions = _conversions.ToArray(),
            Boots = _boots.ToArray(),
            Warnings = (Layout?.Warnings ?? []).Select(warning => $"{warning}").Concat(Plan?.Warnings ?? []).Concat(_edits.SelectMany(edit => edit.Warnings)).Distinct().ToArray(),
            NextSteps = [],
            Undo = last is null || last.Mode == EditMode.Preview ? null : last.Undo,
            ErrorId = failed is null ? null : "BootNotReached",
            Error = failed is null ? null : $"The {failed.Phase} domain of '{failed.Name}' came to {failed.Reached} only: {failed.Outcome}. {failed.Cause}".TrimEnd(),
            Started = default,
            Duration = _stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration),
        };
        return result with { NextSteps = MigrationAdvice.For(result) };
    }

    private void Stage(KvmMigrationStep step, TimeSpan took, string detail, KvmMigrationStageState state = KvmMigrationStageState.Done) =>
        _stages.Add(new KvmMigrationStage(step, state, default, took, detail));
}
