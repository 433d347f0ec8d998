namespace Hyper2Kvm.Diagnostics;

/// <summary>Says nothing: for callers that only want the result.</summary>
public sealed class SilentReporter : IReporter
{
    private SilentReporter()
    {
    }

    public static SilentReporter Instance { get; } = new();

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(string activity, string status, int percent)
    {
    }
}
