namespace Hyper2Kvm.Shell;

/// <summary>Exit codes as pwsh and POSIX shells use them.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A terminating error, or the last command failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong; pwsh uses EX_USAGE too.</summary>
    public const int BadCommandLine = 64;

    /// <summary>Stopped by signal n: 128 + n.</summary>
    public const int Interrupted = 130;

    public const int Terminated = 143;
}
