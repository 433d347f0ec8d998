using System.Security.Cryptography;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Everything on an NTFS volume as ntfs-3g reads it.</summary>
internal sealed class VolumeSnapshot
{
    private const string Config = @"\Windows\System32\config\";

    private readonly string _hives;

    private VolumeSnapshot(string volume, string hives, Dictionary<string, string> files, HashSet<string> directories)
    {
        Volume = volume;
        _hives = hives;
        Files = files;
        Directories = directories;
    }

    /// <summary>Host path of the volume's bytes.</summary>
    public string Volume { get; }

    /// <summary>Guest path → "N bytes, SHA-256 ...".</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>Guest paths.</summary>
    public IReadOnlySet<string> Directories { get; }

    /// <summary>Mounts the volume read-only, reads every byte of every file, and keeps copies of the files in the config folder.</summary>
    public static VolumeSnapshot Take(string volume)
    {
        string hives = Directory.CreateDirectory(volume + ".hives").FullName;
        string mount = Directory.CreateDirectory(volume + ".mnt").FullName;
        Dictionary<string, string> files = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> directories = new(StringComparer.OrdinalIgnoreCase);
        ForeignTool.RunOk("ntfs-3g", "-o", "ro", volume, mount);
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(mount, "*", SearchOption.AllDirectories))
            {
                string guestPath = '\\' + Path.GetRelativePath(mount, path).Replace('/', '\\');
                if (Directory.Exists(path))
                {
                    directories.Add(guestPath);
                    continue;
                }

                using FileStream stream = File.OpenRead(path);
                files.Add(guestPath, $"{stream.Length} bytes, SHA-256 {Convert.ToHexString(SHA256.HashData(stream)).ToLowerInvariant()}");
                if (guestPath.StartsWith(Config, StringComparison.OrdinalIgnoreCase))
                {
                    File.Copy(path, Path.Combine(hives, Path.GetFileName(path).ToUpperInvariant()));
                }
            }
        }
        finally
        {
            ForeignTool.RunOk("umount", mount);
        }

        return new VolumeSnapshot(volume, hives, files, directories);
    }

    /// <summary>Host path of a copy of a file in System32\config.</summary>
    public string Hive(string name) => Path.Combine(_hives, name.ToUpperInvariant());
}
