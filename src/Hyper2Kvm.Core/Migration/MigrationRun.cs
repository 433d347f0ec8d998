using System.Diagnostics;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Migration.Stages;

namespace Hyper2Kvm.Migration;

/// <summary>One run over one machine: the stages in their order, and what came of them.</summary>
internal sealed class MigrationRun
{
    /// <summary>What an edit or a conversion takes at most, with what belongs to it: bytes.</summary>
    private const long WorkMemory = 320 * 1024 * 1024;

    private readonly MigrationWork _work;
    private readonly DateTime _started = DateTime.UtcNow;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public MigrationRun(MigrationSource source, MigrationSettings settings, MigrationHost host, IReporter reporter, CancellationToken token) =>
        _work = new MigrationWork(source, settings, host, new MigrationReporter(reporter, source.Name), token);

    public MigrationOutcome Run()
    {
        try
        {
            using (_work.Host.TakeMemory(WorkMemory, _work.Source.Name, _work.Token))
            {
                RunStages();
            }

            BootStage.Run(_work);
            return new MigrationOutcome(Result(End(), null), null);
        }
        catch (Exception fault) when (HostFault.Covers(fault))
        {
            return Failed(fault);
        }
    }

    private void RunStages()
    {
        InspectStage.Run(_work);
        _work.IsFixed = FixStage.IsDone(_work);
        PlanStage.Run(_work);
        CopyStage.Run(_work);
        FixStage.Run(_work);
        BackupStage.Run(_work);
        DomainStage.Run(_work);
        ConvertStage.Run(_work);
    }

    private KvmMigrationState End()
    {
        if (_work.Settings.Preview)
        {
            return KvmMigrationState.Rehearsed;
        }

        bool didNothing = _work.Journal.DidNothing;
        if (!didNothing || _work.Journal.Earlier?.IsComplete != true)
        {
            // Also where nothing was done: what failed then is not asked for any more.
            _work.Keep(isComplete: true);
        }

        return didNothing ? KvmMigrationState.Unchanged : KvmMigrationState.Completed;
    }

    private MigrationOutcome Failed(Exception fault)
    {
        _work.Journal.Fail(fault.Message);
        try
        {
            _work.Keep(isComplete: false);
        }
        catch (Exception second) when (HostFault.Covers(second))
        {
            // The first error is the one that counts; the same disk may be full.
            _work.Reporter.Warning($"What was done cannot be kept in '{_work.Files!.State}', so -Resume will not know of it: {second.Message}");
        }

        bool isNone = fault is GuestItemNotFoundException { ErrorId: InspectStage.NoWindowsId };
        return new MigrationOutcome(Result(isNone ? KvmMigrationState.NoWindows : KvmMigrationState.Failed, fault), fault);
    }

    private KvmMigration Result(KvmMigrationState state, Exception? fault)
    {
        KvmMigration result = new()
        {
            Name = _work.DomainFiles?.Name ?? _work.Reporter.Name,
            State = state,
            SourcePath = _work.Layout?.ImagePath ?? $"{_work.Source}",
            ImagePath = _work.Domains.Count > 0 ? _work.FinalImage : null,
            Stages = _work.Journal.Stages.ToArray(),
            Decisions = _work.Decisions.ToArray(),
            Layout = _work.Layout,
            Plan = _work.Plan,
            Edit = _work.Edit,
            Changes = _work.Changes.ToArray(),
            BackupPath = _work.Backup,
            Findings = _work.Findings,
            Domains = _work.Domains.ToArray(),
            Conversions = _work.Conversions.ToArray(),
            Boots = _work.Boots.ToArray(),
            Warnings = (_work.Layout?.Warnings ?? []).Select(warning => $"{warning}").Concat(_work.Warnings).Distinct().ToArray(),
            NextSteps = [],
            Undo = _work.Edit is null || _work.Settings.Preview ? null : _work.UndoCommand,
            StatePath = _work.OwnsState && File.Exists(_work.Files!.State) ? _work.Files.State : null,
            ErrorId = fault is null ? null : (fault as Hyper2KvmException)?.ErrorId ?? HostFault.Of(fault).Id,
            Error = fault?.Message,
            Started = _started,
            Duration = _watch.Elapsed,
        };
        return result with { NextSteps = MigrationAdvice.For(result).ToArray() };
    }
}
