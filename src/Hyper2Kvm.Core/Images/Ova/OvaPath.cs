namespace Hyper2Kvm.Images.Ova;

/// <summary>How a disk inside an OVA is named: <c>web01.ova/disk2.vmdk</c>, as if the archive were a folder. The archive's own name means
/// its only disk.</summary>
public static class OvaPath
{
    /// <summary>The archive and the member that a path names; null when it names no member of a file that is there.</summary>
    /// <param name="path">A full path.</param>
    /// <returns>Full path of the archive, and the member's name with forward slashes.</returns>
    public static (string File, string Member)? Split(string path)
    {
        if (File.Exists(path))
        {
            return null;
        }

        for (string? file = Path.GetDirectoryName(path); !string.IsNullOrEmpty(file); file = Path.GetDirectoryName(file))
        {
            if (Directory.Exists(file))
            {
                return null;
            }

            if (File.Exists(file))
            {
                return (file, path[(file.Length + 1)..].Replace(Path.DirectorySeparatorChar, '/'));
            }
        }

        return null;
    }

    public static string Join(string file, string member) => Path.Combine(file, member.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>The folder of the host that the image lies in, which is the archive's for a disk inside one.</summary>
    public static string FolderOf(string path) => Path.GetDirectoryName(Split(path)?.File ?? path)!;

    /// <summary>There is a file of that name, or an archive that may hold what the path names.</summary>
    public static bool Exists(string path) => File.Exists(path) || (Split(path) is { } inside && OvaFile.IsArchive(inside.File));
}
