using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Where a Windows keeps its registry hives and their logs.</summary>
internal static class HiveLocator
{
    public const string System = "SYSTEM";
    public const string Software = "SOFTWARE";
    public const string Drivers = "DRIVERS";

    private static readonly string[] s_logSuffixes = [".LOG1", ".LOG2", ".LOG"];

    public static GuestPath PathOf(WindowsInstallation windows, string hive) => windows.System32 / "config" / hive;

    /// <summary>The log files that are there, newest kind first.</summary>
    public static IReadOnlyList<GuestPath> LogsOf(IGuestFileSystem fileSystem, GuestPath hive)
    {
        List<GuestPath> logs = [];
        foreach (string suffix in s_logSuffixes)
        {
            GuestPath path = hive.Parent / (hive.Name + suffix);
            if (fileSystem.Find(path) is { IsDirectory: false })
            {
                logs.Add(path);
            }
        }

        return logs;
    }

    /// <summary>Opens a hive with its logs; a dirty one is repaired in memory.</summary>
    /// <exception cref="Diagnostics.GuestStateException"><c>HiveDirty</c>: it cannot be repaired.</exception>
    public static Hive Open(IGuestFileSystem fileSystem, GuestPath path)
    {
        List<IBlockDevice> logs = [.. LogsOf(fileSystem, path).Select(fileSystem.OpenFile)];
        return Hive.Open(fileSystem.OpenFile(path), logs, path.ToString());
    }
}
