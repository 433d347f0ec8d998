using System.Diagnostics;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Carries what a worker says to the pipeline's thread, which alone may write to PowerShell's streams.</summary>
/// <param name="post">Queues work for the pipeline's thread.</param>
/// <param name="target">Is spoken to there.</param>
internal sealed class PostedReporter(Action<Action> post, IReporter target) : IReporter
{
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(200);

    private long _lastProgress;

    public void Verbose(string message) => post(() => target.Verbose(message));

    public void Warning(string message) => post(() => target.Warning(message));

    public void Progress(string activity, string status, int percent)
    {
        if (_lastProgress == 0 || Stopwatch.GetElapsedTime(_lastProgress) >= s_progressInterval)
        {
            _lastProgress = Stopwatch.GetTimestamp();
            post(() => target.Progress(activity, status, percent));
        }
    }
}
