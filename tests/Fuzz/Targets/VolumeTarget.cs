using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Iso9660;
using Hyper2Kvm.FileSystems.Ntfs;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A volume: walked and read, checked, then edited in an overlay and checked again.</summary>
internal sealed class VolumeTarget(string name, params (string Folder, string Pattern)[] realSeeds) : FuzzTarget(name)
{
    private const int MostEntries = 500;
    private const int MostBytes = 128 << 10;

    private static readonly DateTime s_now = new(2024, 1, 17, 0, 0, 0, DateTimeKind.Utc);

    private readonly byte[] _buffer = new byte[MostBytes];

    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => realSeeds;

    public override int LargestSeed => Name == "iso" ? 1 << 20 : 3 << 20;

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        MemoryBlockDevice device = new(parts[0].Bytes, 512);
        bool isNtfs = Name == "ntfs";
        bool isFat = Name == "fat";
        IGuestFileSystem files = isNtfs ? NtfsVolume.Open(device) : isFat ? FatVolume.Open(device) : IsoVolume.Open(device);
        _ = files.Label;
        Walk(files);
        if (isNtfs)
        {
            _ = NtfsChecker.Check(device, CancellationToken.None);
            _ = NtfsChecker.CheckPaths(device, ["\\new\\file"]);
        }
        else if (isFat)
        {
            _ = FatChecker.Check(device);
        }
        else
        {
            return;
        }

        OverlayBlockDevice overlay = new(device);
        Edit(isNtfs ? NtfsWriter.Open(overlay) : FatWriter.Open(overlay));
        _ = isNtfs ? NtfsChecker.Check(overlay, CancellationToken.None) : FatChecker.Check(overlay);
    }

    /// <summary>What is damaged is passed over, as a reader of one file would never see it.</summary>
    private void Walk(IGuestFileSystem files)
    {
        Queue<GuestPath> folders = new([GuestPath.Root]);
        int left = MostEntries;
        while (left > 0 && folders.TryDequeue(out GuestPath folder))
        {
            Attempt(() =>
            {
                foreach (GuestEntry entry in files.List(folder))
                {
                    if (--left <= 0)
                    {
                        break;
                    }

                    Attempt(() => Look(files, folder, entry, folders));
                }
            });
        }
    }

    private void Look(IGuestFileSystem files, GuestPath folder, GuestEntry entry, Queue<GuestPath> folders)
    {
        GuestPath path = folder / entry.Name;
        _ = files.Find(path);
        if (entry.IsDirectory)
        {
            folders.Enqueue(path);
            return;
        }

        IBlockDevice content = files.OpenFile(path);
        content.Read(0, _buffer.AsSpan(0, (int)Math.Min(MostBytes, content.Length)));
        content.Read(Math.Max(0, content.Length - 600), _buffer.AsSpan(0, (int)Math.Min(600, content.Length)));
    }

    private static void Edit(IWritableGuestFileSystem files)
    {
        files.CreateDirectory("\\new", s_now);
        files.WriteFile("\\new\\file", new MemoryBlockDevice(new byte[3000]), s_now);
        files.WriteFile("\\new\\a longer name of a file.txt", new MemoryBlockDevice(new byte[40_000]), s_now);
        IResizableBlockDevice file = files.OpenFileForWriting("\\new\\file");
        file.SetLength(20_000);
        file.Write(19_000, new byte[1000]);
        file.SetLength(10);
        files.Flush();
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Hyper2KvmException)
        {
            return;
        }
    }
}
