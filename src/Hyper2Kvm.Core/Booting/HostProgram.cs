using System.Diagnostics;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Booting;

/// <summary>A program of the host, by its name.</summary>
internal static class HostProgram
{
    /// <returns>Full path, or null.</returns>
    public static string? Find(string name)
    {
        string[] names = OperatingSystem.IsWindows() ? [name + ".exe"] : [name];
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/libexec", "/usr/sbin"];
        return folders.SelectMany(folder => names.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);
    }

    /// <exception cref="GuestItemNotFoundException"><c>ProgramNotFound</c>.</exception>
    public static string Need(string? path, string name, string package)
    {
        if (path is not null)
        {
            return File.Exists(path) ? path : throw NotFound(path, package);
        }

        return Find(name) ?? throw NotFound(name, package);
    }

    /// <summary>Starts a program without a shell; all three streams are ours.</summary>
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    private static GuestItemNotFoundException NotFound(string program, string package) => new(
        "ProgramNotFound", program, $"There is no program '{program}' on this host.", $"Install it ({package}), or name its path.");
}
