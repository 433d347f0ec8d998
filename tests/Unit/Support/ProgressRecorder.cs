using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Keeps the progress that was told, a place in each list for each time.</summary>
internal sealed class ProgressRecorder : IReporter
{
    public List<string> Activities { get; } = [];

    public List<string> Statuses { get; } = [];

    public List<int> Percents { get; } = [];

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(string activity, string status, int percent)
    {
        Activities.Add(activity);
        Statuses.Add(status);
        Percents.Add(percent);
    }
}
