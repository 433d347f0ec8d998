using System.Diagnostics;
using System.Globalization;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Crash;

/// <summary>Runs <see cref="CrashChild"/> under faults.c.</summary>
internal static class ChildProcess
{
    private static readonly Lazy<string> s_library = new(Build);

    /// <summary>Runs to the end.</summary>
    /// <returns>Exit code, what it said on its error output, and the calls that it announced, as <c>@1 pwrite</c>.</returns>
    public static (int ExitCode, string Error, string[] Calls) Run(string task, string disk, int seed, string kind = "", int at = 0)
    {
        using Process process = Start(task, disk, seed, kind, at);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Result, [.. output.Split('\n').Where(line => line.StartsWith('@'))]);
    }

    /// <summary>Runs to the call with this number, where the process waits, and kills it.</summary>
    /// <param name="torn">Half of what that call writes is written.</param>
    /// <returns>False when it came to its end before.</returns>
    public static bool KillAt(string task, string disk, int seed, int call, bool torn) => Kill(task, disk, seed, torn ? "torn" : "stop", call, 1);

    /// <summary>Kills the process somewhere after the call with this number, wherever it has come to by then.</summary>
    /// <returns>False when it came to its end before.</returns>
    public static bool KillAfter(string task, string disk, int seed, int call) => Kill(task, disk, seed, "tell", 0, call);

    private static bool Kill(string task, string disk, int seed, string kind, int at, int lines)
    {
        using Process process = Start(task, disk, seed, kind, at);
        Task<string> error = process.StandardError.ReadToEndAsync();
        for (int line = 0; line < lines && process.StandardOutput.ReadLine() is not null; line++)
        {
        }

        process.Kill(); // SIGKILL
        process.WaitForExit();
        Assert.True(process.ExitCode is 0 or 137, $"exit code {process.ExitCode}: {error.Result}");
        return process.ExitCode == 137;
    }

    private static Process Start(string task, string disk, int seed, string kind, int at)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["exec", typeof(CrashChild).Assembly.Location, task, disk, seed.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LD_PRELOAD"] = s_library.Value;
        start.Environment["H2K_DIR"] = Path.GetDirectoryName(disk)!;
        start.Environment["TMPDIR"] = Path.GetDirectoryName(disk)!;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["H2K_KIND"] = kind;
        start.Environment["H2K_AT"] = at.ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(start)!;
    }

    private static string Build()
    {
        string library = Path.Combine(Path.GetDirectoryName(typeof(CrashChild).Assembly.Location)!, "faults.so");
        ForeignTool.RunOk("gcc", "-shared", "-fPIC", "-O1", "-o", library, Path.Combine(Repository.Root, "tests", "Unit", "Crash", "faults.c"));
        return library;
    }
}
