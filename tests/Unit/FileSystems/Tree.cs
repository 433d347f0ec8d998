using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Unit.FileSystems;

/// <summary>Whole trees, for comparing what a volume holds with what somebody else says it holds.</summary>
internal static class Tree
{
    /// <summary>Path (with slashes) to content, null for directories.</summary>
    public static SortedDictionary<string, byte[]?> Read(IGuestFileSystem volume)
    {
        SortedDictionary<string, byte[]?> all = new(StringComparer.Ordinal);
        Add(volume, GuestPath.Root, "", all);
        return all;
    }

    /// <summary>The same of a folder of this machine.</summary>
    public static SortedDictionary<string, byte[]?> ReadFolder(string folder)
    {
        SortedDictionary<string, byte[]?> all = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            all.Add(path[folder.Length..], Directory.Exists(path) ? null : File.ReadAllBytes(path));
        }

        return all;
    }

    /// <summary>Reads all there is; errors must be those that say what is wrong with the bytes.</summary>
    public static void ReadDamaged(Func<IGuestFileSystem> open)
    {
        try
        {
            Add(open(), GuestPath.Root, "", new SortedDictionary<string, byte[]?>(StringComparer.Ordinal), 4);
        }
        catch (Hyper2KvmException error)
        {
            Assert.NotEmpty(error.ErrorId);
        }
    }

    private static void Add(
        IGuestFileSystem volume, GuestPath directory, string prefix, SortedDictionary<string, byte[]?> all, int depth = int.MaxValue)
    {
        foreach (GuestEntry entry in volume.List(directory))
        {
            GuestPath path = directory / entry.Name;
            string name = $"{prefix}/{entry.Name}";
            if (entry.IsDirectory)
            {
                all[name] = null;
                if (depth > 0)
                {
                    Add(volume, path, name, all, depth - 1);
                }
            }
            else
            {
                all[name] = volume.OpenFile(path).ReadAll(64 << 20, "TestFileTooLarge", name);
            }
        }
    }
}
