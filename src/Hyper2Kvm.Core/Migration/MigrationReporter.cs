using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration;

/// <summary>Speaks for one machine: its name before each word, its progress over all stages, its warnings kept.</summary>
internal sealed class MigrationReporter(IReporter reporter, string name) : IReporter
{
    /// <summary>How much of the whole each stage is, by experience with disks of some ten GiB; in all 100.</summary>
    private static readonly int[] s_weights = [2, 2, 26, 5, 1, 1, 38, 25];

    private readonly List<string> _warnings = [];
    private KvmMigrationStep _step;
    private int _percent;

    public string Name { get; set; } = name;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>All that follows belongs to this stage.</summary>
    public void Begin(KvmMigrationStep step)
    {
        _step = step;
        Progress("", "", 0);
    }

    public void Verbose(string message) => reporter.Verbose($"{Name}: {message}");

    public void Warning(string message)
    {
        _warnings.Add(message);
        reporter.Warning($"{Name}: {message}");
    }

    public void Progress(string activity, string status, int percent)
    {
        int before = s_weights.Take((int)_step).Sum();
        // A stage may consist of several pieces of work, each of which begins at 0.
        _percent = Math.Max(_percent, before + (s_weights[(int)_step] * Math.Clamp(percent, 0, 100) / 100));
        reporter.Progress($"Migrating {Name}", status.Length == 0 ? $"{_step}" : $"{_step}: {status}", _percent);
    }
}
