using System.Globalization;

namespace Hyper2Kvm.Unit.Crash;

/// <summary>How long the run is, and what the long suite prints at its end (<c>build.ps1 -Task Soak</c>).</summary>
internal static class CrashFigures
{
    /// <summary>The normal run kills 50 times or a few more; the long one, HYPER2KVM_SOAK=1, ten times as often.</summary>
    public static bool IsSoak { get; } = Environment.GetEnvironmentVariable("HYPER2KVM_SOAK") == "1";

    /// <summary>Adds a line <c>NAME SURVIVED TRIED</c> to the file that HYPER2KVM_SOAK_FIGURES names.</summary>
    public static void Report(string name, int survived, int tried)
    {
        if (Environment.GetEnvironmentVariable("HYPER2KVM_SOAK_FIGURES") is { Length: > 0 } file)
        {
            File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture, $"{name} {survived} {tried}\n"));
        }
    }
}
