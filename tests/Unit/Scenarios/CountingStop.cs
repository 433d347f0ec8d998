using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Stands for a user who presses Ctrl+C when so much has been told.</summary>
/// <param name="stop">What is pressed.</param>
/// <param name="after">Number of the message or sign of progress at which it is.</param>
internal sealed class CountingStop(CancellationTokenSource stop, int after) : IReporter
{
    public int Heard { get; private set; }

    public void Verbose(string message) => Hear();

    public void Warning(string message) => Hear();

    public void Progress(string activity, string status, int percent) => Hear();

    private void Hear()
    {
        if (++Heard == after)
        {
            stop.Cancel();
        }
    }
}
