using System.Diagnostics;

namespace Hyper2Kvm.Migration;

/// <summary>Which stages a run has come through, and which of them an earlier run had done.</summary>
/// <param name="settings">A stage that was done with others is done again.</param>
/// <param name="reporter">Hears each stage.</param>
/// <param name="keep">Brings the state to the disk; called after each stage that did something.</param>
/// <param name="token">Asked before each stage.</param>
internal sealed class MigrationJournal(MigrationSettings settings, MigrationReporter reporter, Action keep, CancellationToken token)
{
    private readonly List<KvmMigrationStage> _stages = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private DateTime _started = DateTime.UtcNow;
    private KvmMigrationStep _step;

    public IReadOnlyList<KvmMigrationStage> Stages => _stages;

    /// <summary>What an earlier run left that counts; null: there is nothing to go on from.</summary>
    public MigrationRecord? Earlier { get; set; }

    /// <summary>An inspection changes nothing.</summary>
    public bool DidNothing => _stages.All(stage => stage.State != KvmMigrationStageState.Done || stage.Step == KvmMigrationStep.Inspect);

    /// <summary>An earlier run did it with the same settings, and its files are still there.</summary>
    public bool IsDone(KvmMigrationStep step, IEnumerable<string> files) =>
        Earlier?.Stages.LastOrDefault(stage => stage.Step == step) is { State: not KvmMigrationStageState.Failed } stage
        && stage.Settings == settings.HashFor(step) && files.All(File.Exists);

    /// <param name="step">The stage.</param>
    /// <param name="work">Does it, and says for people what was done.</param>
    public void Do(KvmMigrationStep step, Func<string> work)
    {
        token.ThrowIfCancellationRequested();
        Enter(step);
        reporter.Begin(step);
        string detail = work();
        Add(KvmMigrationStageState.Done, detail);
        reporter.Verbose($"{step}: {detail}");
        keep();
    }

    /// <summary>Whatever fails from here on belongs to this stage.</summary>
    public void Enter(KvmMigrationStep step)
    {
        _step = step;
        _started = DateTime.UtcNow;
        _watch.Restart();
    }

    public void Skip(KvmMigrationStep step, string why)
    {
        Enter(step);
        Add(KvmMigrationStageState.Skipped, why);
        reporter.Verbose($"{step}: {why}");
    }

    /// <summary>Takes the stage over from the earlier run.</summary>
    public void Repeat(KvmMigrationStep step)
    {
        KvmMigrationStage stage = Earlier!.Stages.Last(stage => stage.Step == step);
        _stages.Add(stage.State == KvmMigrationStageState.Skipped ? stage : stage with { State = KvmMigrationStageState.DoneBefore });
        reporter.Verbose($"{step}: done before.");
    }

    /// <summary>The stage that was entered last came to no end.</summary>
    public void Fail(string why)
    {
        if (_stages.Count == 0 || _stages[^1].Step != _step)
        {
            _stages.Add(new KvmMigrationStage(_step, KvmMigrationStageState.Failed, _started, _watch.Elapsed, why));
        }
    }

    private void Add(KvmMigrationStageState state, string detail) =>
        _stages.Add(new KvmMigrationStage(_step, state, _started, _watch.Elapsed, detail) { Settings = settings.HashFor(_step) });
}
