using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>A volume mounted by ntfs-3g, the judge of what we read and write.</summary>
internal sealed class NtfsMount : IDisposable
{
    private readonly string _folder;

    public NtfsMount(string image, bool writable = false)
    {
        _folder = Directory.CreateTempSubdirectory("h2k-mnt-").FullName;
        ForeignTool.RunOk("ntfs-3g", "-o", (writable ? "rw" : "ro") + ",windows_names,streams_interface=none,no_def_opts,silent", image, _folder);
    }

    public string Path => _folder;

    /// <summary>Path, length and hash of each file; directories end in a slash. Links are left out.</summary>
    public SortedDictionary<string, string> Snapshot()
    {
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (FileSystemInfo item in new DirectoryInfo(_folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            string name = item.FullName[(_folder.Length + 1)..].Replace('/', '\\');
            if (item is FileInfo file)
            {
                using FileStream stream = file.OpenRead();
                found.Add(name, $"{file.Length} {Convert.ToHexString(SHA256.HashData(stream))}");
            }
            else
            {
                found.Add(name + "\\", "");
            }
        }

        return found;
    }

    /// <summary>The same view through our own reader.</summary>
    public static SortedDictionary<string, string> Snapshot(IGuestFileSystem volume)
    {
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        Walk(volume, GuestPath.Root, found);
        return found;
    }

    public static string Hash(IBlockDevice device)
    {
        byte[] content = new byte[device.Length];
        device.Read(0, content);
        return $"{content.Length} {Convert.ToHexString(SHA256.HashData(content))}";
    }

    public void Dispose()
    {
        ForeignTool.RunOk("fusermount", "-u", _folder);
        Directory.Delete(_folder);
    }

    private static void Walk(IGuestFileSystem volume, GuestPath directory, SortedDictionary<string, string> found)
    {
        foreach (GuestEntry entry in volume.List(directory))
        {
            if (entry.IsReparsePoint)
            {
                continue;
            }

            GuestPath path = directory / entry.Name;
            Assert.Equal(entry, volume.Find(path));
            if (entry.IsDirectory)
            {
                found.Add(path.ToString()[1..] + "\\", "");
                Walk(volume, path, found);
            }
            else
            {
                IBlockDevice content = volume.OpenFile(path);
                Assert.Equal(entry.Length, content.Length);
                found.Add(path.ToString()[1..], Hash(content));
            }
        }
    }
}
