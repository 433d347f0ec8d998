using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>A hive of a Windows as a file to be checked.</summary>
/// <param name="FileSystem">Where it lies.</param>
/// <param name="Path">Its file.</param>
internal sealed record HiveFile(IGuestFileSystem FileSystem, GuestPath Path)
{
    /// <summary>A hive of Windows is at most 2 GiB; one that is dirty is put together in memory.</summary>
    private const int LargestDirty = 1024 * 1024 * 1024;

    /// <summary>Users of a terminal server: more profiles than this are not looked at.</summary>
    private const int MostProfiles = 10_000;

    private static readonly string[] s_names = ["SYSTEM", "SOFTWARE", "DRIVERS", "SAM", "SECURITY", "DEFAULT", "COMPONENTS", "ELAM", "BBI"];
    private static readonly string[] s_edited = ["SYSTEM", "SOFTWARE", "DRIVERS"];

    /// <summary>The hives of a Windows that are there; those of its users too, unless only what an edit touches is meant.</summary>
    public static IReadOnlyList<HiveFile> FindAll(WindowsInstallation windows, bool editedOnly)
    {
        IGuestFileSystem files = windows.FileSystem;
        List<GuestPath> paths = [.. (editedOnly ? s_edited : s_names).Select(name => HiveLocator.PathOf(windows, name))];
        foreach (GuestPath profiles in editedOnly ? [] : (GuestPath[])[@"\Users", @"\Documents and Settings"])
        {
            if (files.Find(profiles) is not { IsDirectory: true, IsReparsePoint: false })
            {
                continue;
            }

            foreach (GuestEntry profile in files.List(profiles).Where(entry => entry is { IsDirectory: true, IsReparsePoint: false }).Take(MostProfiles))
            {
                paths.Add(profiles / profile.Name / "NTUSER.DAT");
                paths.Add(profiles / profile.Name / "AppData" / "Local" / "Microsoft" / "Windows" / "UsrClass.dat");
            }
        }

        return [.. paths.Where(path => files.Find(path) is { IsDirectory: false, IsReparsePoint: false }).Select(path => new HiveFile(files, path))];
    }

    /// <summary>All that is wrong with it. One that Windows has not written back is judged as its logs make it.</summary>
    public IReadOnlyList<HiveFinding> Check()
    {
        IBlockDevice file = FileSystem.OpenFile(Path);
        IReadOnlyList<HiveFinding> asFound = HiveChecker.Check(file);
        if (!asFound.Any(finding => finding.Id is "HiveDirty" or "HiveChecksumWrong"))
        {
            return asFound;
        }

        try
        {
            Hive hive = HiveLocator.Open(FileSystem, Path);
            MemoryBlockDevice whole = new(file.ReadAll(LargestDirty, "HiveTooLarge", Path.ToString()));
            hive.Save(whole, DateTime.UnixEpoch);
            return
            [
                new HiveFinding("HiveDirty", -1, $"Windows had not written it back completely; with its logs: {hive.Recovery}"),
                .. HiveChecker.Check(whole),
            ];
        }
        catch (Hyper2KvmException error)
        {
            return [new HiveFinding("HiveNotRecoverable", -1, error.Message), .. asFound.Where(finding => finding.Id != "HiveDirty")];
        }
    }
}
