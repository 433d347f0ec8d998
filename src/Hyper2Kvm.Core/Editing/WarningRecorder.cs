using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing;

/// <summary>Passes everything on, and keeps the warnings for the record of the edit.</summary>
internal sealed class WarningRecorder(IReporter reporter) : IReporter
{
    private readonly List<string> _warnings = [];

    public IReadOnlyList<string> Warnings => _warnings;

    public void Verbose(string message) => reporter.Verbose(message);

    public void Warning(string message)
    {
        _warnings.Add(message);
        reporter.Warning(message);
    }

    /// <summary>For the record alone.</summary>
    public void Note(string message) => _warnings.Add(message);

    public void Progress(string activity, string status, int percent) => reporter.Progress(activity, status, percent);
}
