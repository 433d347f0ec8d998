using System.IO.Compression;

namespace Hyper2Kvm.Fuzz;

/// <summary>Finds the seeds of a parser: those of the repository, and real data where there is a folder of it.</summary>
internal static class SeedFiles
{
    /// <summary>The checkout that the program runs in.</summary>
    public static string Repository { get; } = FindRepository();

    /// <param name="target">The parser.</param>
    /// <param name="data">Folder of real data, or null.</param>
    /// <returns>Inputs in a fixed order, at least one.</returns>
    public static List<IReadOnlyList<FuzzPart>> Load(FuzzTarget target, string? data)
    {
        List<IReadOnlyList<FuzzPart>> seeds = [];
        string own = Path.Combine(Repository, "tests", "Fuzz", "Seeds", target.Name);
        AddFiles(seeds, own, "*");
        foreach (string folder in Folders(Path.Combine(own, "*")))
        {
            AddFolder(seeds, folder);
        }

        foreach ((string folder, string pattern) in data is null ? [] : target.RealSeeds)
        {
            foreach (string place in Folders(Path.Combine(data!, folder)))
            {
                if (pattern == FuzzTarget.WholeFolder)
                {
                    AddFolder(seeds, place);
                }
                else
                {
                    AddFiles(seeds, place, pattern);
                }
            }
        }

        seeds.RemoveAll(parts => parts.Count == 0 || parts.Sum(part => part.Bytes.Length) > target.LargestSeed);
        return seeds.Count > 0 ? seeds : throw new InvalidOperationException($"There is no seed for {target} in '{own}'.");
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hyper2Kvm.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The program must run from within a checkout.");
    }

    private static IEnumerable<string> Folders(string pattern) =>
        !pattern.EndsWith('*') ? [pattern]
        : Directory.Exists(Path.GetDirectoryName(pattern)) ? Directory.EnumerateDirectories(Path.GetDirectoryName(pattern)!).Order(StringComparer.Ordinal)
        : [];

    private static void AddFiles(List<IReadOnlyList<FuzzPart>> seeds, string folder, string pattern)
    {
        foreach (string file in Files(folder, pattern))
        {
            seeds.Add([Read(file)]);
        }
    }

    private static void AddFolder(List<IReadOnlyList<FuzzPart>> seeds, string folder) => seeds.Add([.. Files(folder, "*").Select(Read)]);

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    private static FuzzPart Read(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        string name = Path.GetFileName(file);
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            return new FuzzPart(name, bytes);
        }

        using GZipStream gzip = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        gzip.CopyTo(unpacked);
        return new FuzzPart(name[..^3], unpacked.ToArray());
    }
}
