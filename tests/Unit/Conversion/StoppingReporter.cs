using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Unit.Conversion;

/// <summary>Stands for a user who presses Ctrl+C when the work has come to some percent.</summary>
internal sealed class StoppingReporter(CancellationTokenSource stop, int percent) : IReporter
{
    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(string activity, string status, int percentDone)
    {
        if (percentDone >= percent)
        {
            stop.Cancel();
        }
    }
}
