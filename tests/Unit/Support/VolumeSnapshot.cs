using System.Security.Cryptography;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Everything on a volume as ntfs-3g or mtools reads it.</summary>
internal sealed class VolumeSnapshot
{
    private const string Config = @"\Windows\System32\config\";

    private readonly string _hives;

    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _directories = new(StringComparer.OrdinalIgnoreCase);

    private VolumeSnapshot(string volume, string hives)
    {
        Volume = volume;
        _hives = hives;
    }

    /// <summary>Host path of the volume's bytes.</summary>
    public string Volume { get; }

    /// <summary>Guest path → "N bytes, SHA-256 ...".</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>Guest paths.</summary>
    public IReadOnlySet<string> Directories => _directories;

    /// <summary>Reads every byte of every file, and keeps copies of the files in the config folder.</summary>
    public static VolumeSnapshot Take(string volume)
    {
        string hives = Directory.CreateDirectory(volume + ".hives").FullName;
        string files = Directory.CreateDirectory(volume + ".files").FullName;
        VolumeSnapshot snapshot = new(volume, hives);
        if (IsFat(volume))
        {
            ForeignTool.RunOk("mcopy", "-i", volume, "-s", "-n", "::/*", files);
            snapshot.Read(files);
            return snapshot;
        }

        ForeignTool.RunOk("ntfs-3g", "-o", "ro", volume, files);
        try
        {
            snapshot.Read(files);
        }
        finally
        {
            ForeignTool.RunOk("umount", files);
        }

        return snapshot;
    }

    /// <summary>mkfs.fat says FAT32 at byte 82.</summary>
    public static bool IsFat(string volume)
    {
        using FileStream stream = File.OpenRead(volume);
        byte[] head = new byte[87];
        stream.ReadExactly(head);
        return head.AsSpan(82).SequenceEqual("FAT32"u8);
    }

    /// <summary>Host path of a copy of a file in System32\config.</summary>
    public string Hive(string name) => Path.Combine(_hives, name.ToUpperInvariant());

    private void Read(string root)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        {
            string guestPath = '\\' + Path.GetRelativePath(root, path).Replace('/', '\\');
            if (Directory.Exists(path))
            {
                _directories.Add(guestPath);
                continue;
            }

            using FileStream stream = File.OpenRead(path);
            _files.Add(guestPath, $"{stream.Length} bytes, SHA-256 {Convert.ToHexString(SHA256.HashData(stream)).ToLowerInvariant()}");
            if (guestPath.StartsWith(Config, StringComparison.OrdinalIgnoreCase))
            {
                File.Copy(path, Path.Combine(_hives, Path.GetFileName(path).ToUpperInvariant()));
            }
        }
    }
}
