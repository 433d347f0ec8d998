using System.Diagnostics;
using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>A volume mounted by ntfs-3g, the judge of what we read and write.</summary>
internal sealed class NtfsMount : IDisposable
{
    private readonly string _folder;
    private readonly Process _server;

    public NtfsMount(string image, bool writable = false)
    {
        _folder = Directory.CreateTempSubdirectory("h2k-mnt-").FullName;
        string options = (writable ? "rw" : "ro") + ",windows_names,streams_interface=none,no_def_opts,silent,no_detach";
        _server = Process.Start(new ProcessStartInfo(ForeignTool.Find("ntfs-3g")!, ["-o", options, image, _folder]))!;
        SpinWait.SpinUntil(() => _server.HasExited || File.ReadAllText("/proc/self/mounts").Contains(_folder, StringComparison.Ordinal));
        Assert.False(_server.HasExited, $"ntfs-3g cannot mount {image}");
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

    /// <summary>Another test's process may hold the folder for the moment in which it starts; the server ends when all is written.</summary>
    public void Dispose()
    {
        Assert.True(SpinWait.SpinUntil(() => ForeignTool.Run("fusermount", "-u", _folder).ExitCode == 0, TimeSpan.FromMinutes(3)), $"{_folder} stays mounted");
        _server.WaitForExit();
        _server.Dispose();
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
