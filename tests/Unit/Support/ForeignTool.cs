using System.Diagnostics;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Runs a tool that nobody here wrote, as a judge.</summary>
internal static class ForeignTool
{
    /// <summary>Full path of the tool, or null.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs the tool to its end. Output and errors come back together with the exit code.</summary>
    public static (int ExitCode, string Output, string Error) Run(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(name) ?? throw new InvalidOperationException($"{name} is not installed"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Runs the tool and fails the test with all it said unless it exits with 0.</summary>
    public static string RunOk(string name, params string[] arguments)
    {
        (int exitCode, string output, string error) = Run(name, arguments);
        Assert.True(exitCode == 0, $"{name} {string.Join(' ', arguments)}: exit code {exitCode}\n{output}\n{error}");
        return output;
    }

    /// <summary>The bytes that the tool writes to its output.</summary>
    public static byte[] Bytes(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(name) ?? throw new InvalidOperationException($"{name} is not installed"), arguments)
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
