namespace Hyper2Kvm.Diagnostics;

/// <summary>How Core speaks while it works. Always called on the thread that called Core.</summary>
public interface IReporter
{
    /// <summary>What is being done, for a person who asked to see each step.</summary>
    void Verbose(string message);

    /// <summary>An effect that the user would not expect, and what to do about it.</summary>
    void Warning(string message);

    /// <param name="activity">What is going on, the same text for all calls of one piece of work.</param>
    /// <param name="status">Where it stands.</param>
    /// <param name="percent">0 to 100, or -1 when unknown.</param>
    void Progress(string activity, string status, int percent);
}
