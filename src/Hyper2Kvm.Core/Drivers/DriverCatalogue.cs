using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Drivers;

/// <summary>Lists the driver packages of a source, whatever their folders are called.</summary>
public static class DriverCatalogue
{
    /// <summary>The ISO has its packages three folders deep; links that lead back into the folder end here.</summary>
    private const int DeepestFolder = 12;

    /// <summary>The ISO has some thousands of files and folders.</summary>
    private const int MostEntries = 100_000;

    /// <summary>The paths of all INFs, with forward slashes, folder by folder.</summary>
    /// <param name="path">Host path of an ISO or a folder.</param>
    /// <exception cref="GuestItemNotFoundException"><c>DriverSourceInvalid</c>.</exception>
    /// <exception cref="GuestStateException"><c>DriverSourceLinkOutside</c>, <c>DriverSourceTooLarge</c>.</exception>
    /// <exception cref="DiskFormatException">The ISO is damaged.</exception>
    public static IReadOnlyList<string> FindInfs(string path)
    {
        using DriverSource source = DriverSource.Open(path);
        return FindInfs(source);
    }

    internal static IReadOnlyList<string> FindInfs(DriverSource source)
    {
        List<string> infs = [];
        Stack<(string Folder, int Depth)> folders = new([("", 0)]);
        int count = 0;
        while (folders.TryPop(out (string Folder, int Depth) next))
        {
            Interruption.Check(); // of a host's folder nothing is read here
            IReadOnlyList<GuestEntry> entries = source.List(next.Folder);
            count += entries.Count;
            if (count > MostEntries || next.Depth > DeepestFolder)
            {
                throw TooLarge(source, next.Folder);
            }

            string prefix = next.Folder.Length == 0 ? "" : next.Folder + "/";
            IEnumerable<GuestEntry> sorted = entries.OrderBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase);
            infs.AddRange(sorted.Where(IsInf).Select(entry => prefix + entry.Name));
            foreach (GuestEntry folder in sorted.Where(entry => entry.IsDirectory).Reverse())
            {
                folders.Push((prefix + folder.Name, next.Depth + 1));
            }
        }

        return infs;
    }

    /// <summary>Reads one package. The source is opened for it alone, for a folder keeps each file open that was read.</summary>
    /// <param name="path">Host path of an ISO or a folder.</param>
    /// <param name="infPath">One of <see cref="FindInfs(string)"/>.</param>
    /// <returns>The package; null for an INF that serves no devices.</returns>
    /// <exception cref="DiskFormatException">The INF or a driver file is damaged.</exception>
    public static VirtioDriver? Read(string path, string infPath)
    {
        using DriverSource source = DriverSource.Open(path);
        return new OfferedDriverReader(source, infPath).Read();
    }

    /// <summary>The versions of some packages, each once. Only the INFs are read; what is none that Windows would take is left out.</summary>
    /// <param name="path">Host path of an ISO or a folder.</param>
    /// <param name="infPaths">Of those of <see cref="FindInfs(string)"/>.</param>
    public static IReadOnlyCollection<Version> Versions(string path, IEnumerable<string> infPaths)
    {
        using DriverSource source = DriverSource.Open(path);
        HashSet<Version> versions = [];
        foreach (string inf in infPaths)
        {
            try
            {
                versions.Add(Version.Parse(InfFile.Parse(source.OpenFile(inf).ReadAll(DriverPackageReader.InfLimit, "InfTooLarge", inf), inf).DriverVersion));
            }
            catch (DiskFormatException)
            {
                // Get-VirtioDriver tells what is wrong with it.
            }
        }

        return versions;
    }

    private static bool IsInf(GuestEntry entry) =>
        !entry.IsDirectory && entry.Name.EndsWith(".inf", StringComparison.OrdinalIgnoreCase)
        && !entry.Name.Equals("autorun.inf", StringComparison.OrdinalIgnoreCase);

    private static GuestStateException TooLarge(DriverSource source, string folder) => new(
        "DriverSourceTooLarge", source.Path,
        string.Create(CultureInfo.InvariantCulture, $"'{source}' has more than {MostEntries} entries, or folders deeper than {DeepestFolder}, at '{folder}'."),
        "Give the folder that holds the drivers, not one far above it.");
}
