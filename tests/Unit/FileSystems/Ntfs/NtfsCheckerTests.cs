using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class NtfsCheckerTests
{
    [DataFact(NtfsSamples.TestVolume, NtfsSamples.LargeDirectory, NtfsSamples.IndexDisk, NtfsSamples.AttributeLists, NtfsSamples.Streams)]
    public void Clean_volumes_of_windows_ntfs3_and_ntfs_3g_have_no_findings()
    {
        Assert.Equal(["NtfsLogNotClean"], Ids(NtfsSamples.Read(NtfsSamples.TestVolume)));
        foreach (string file in new[] { NtfsSamples.LargeDirectory, NtfsSamples.IndexDisk, NtfsSamples.AttributeLists, NtfsSamples.Streams })
        {
            Assert.Empty(NtfsChecker.Check(new MemoryBlockDevice(NtfsSamples.Read(file), 512), default));
        }
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Clean_paths_have_no_findings_and_missing_ones_have()
    {
        byte[] bytes = NtfsSamples.Read(NtfsSamples.LargeDirectory);
        NtfsVolume volume = NtfsVolume.Open(new MemoryBlockDevice(bytes));
        GuestPath[] all = [.. volume.List("\\Large Directory").Take(20).Select(entry => (GuestPath)"\\Large Directory" / entry.Name)];
        Assert.Empty(NtfsChecker.CheckPaths(new MemoryBlockDevice(bytes, 512), [.. all, "\\", "\\File.txt", "\\Large.txt", "\\RANDOM.bin"]));
        Assert.Equal("NtfsPathMissing", Assert.Single(NtfsChecker.CheckPaths(new MemoryBlockDevice(bytes, 512), ["\\none\\x"])).Id);
    }

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Volume_that_ntfs_3g_filled_and_emptied_has_no_findings()
    {
        using TempFolder folder = new();
        string image = MakeVolume(folder);
        using FileBlockDevice device = new(image);
        Assert.Empty(NtfsChecker.Check(device, default));
        Assert.Empty(NtfsChecker.CheckPaths(device, ["\\packed\\f", "\\many\\a name that is long enough 7.txt", "\\linked"]));
    }

    [OracleFact("mkntfs")]
    public void Fresh_volumes_of_all_cluster_sizes_have_no_findings()
    {
        foreach (string size in new[] { "512", "1024", "4096", "65536" })
        {
            using TempFolder folder = new();
            string image = folder.File("n.img");
            using (FileStream file = File.Create(image))
            {
                file.SetLength(64 << 20);
            }

            ForeignTool.RunOk("mkntfs", "-Q", "-F", "-q", "-c", size, image);
            using FileBlockDevice device = new(image);
            Assert.Empty(NtfsChecker.Check(device, default));
        }
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Many_paths_cost_few_reads()
    {
        CountingDevice device = new(new MemoryBlockDevice(NtfsSamples.Read(NtfsSamples.LargeDirectory), 512));
        Assert.Empty(NtfsChecker.CheckPaths(device, ["\\File.txt", "\\Large.txt", "\\Directory"]));
        Assert.InRange(device.BytesRead, 1, 2 << 20);
    }

    [DataFact(NtfsSamples.Streams)]
    public void Flipped_bytes_never_throw()
    {
        byte[] good = NtfsSamples.Read(NtfsSamples.Streams);
        NtfsBootSector boot = NtfsBootSector.Read(good);
        int mft = (int)(boot.MftLcn * boot.ClusterSize);
        Random random = new(5);
        int found = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = [.. good];
            for (int flip = 0; flip < 8; flip++)
            {
                bytes[mft + random.Next(120 * boot.FileRecordSize)] ^= (byte)(1 << random.Next(8));
            }

            found += NtfsChecker.Check(new MemoryBlockDevice(bytes, 512), default).Count > 0 ? 1 : 0;
            NtfsChecker.CheckPaths(new MemoryBlockDevice(bytes, 512), ["\\many_subdirs\\10", "\\sparse-file"]);
        }

        Assert.InRange(found, 20, 60);
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Checking_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(() =>
            NtfsChecker.Check(new MemoryBlockDevice(NtfsSamples.Read(NtfsSamples.LargeDirectory), 512), new CancellationToken(true)));

    private static string MakeVolume(TempFolder folder)
    {
        string image = folder.File("n.img");
        using (FileStream file = File.Create(image))
        {
            file.SetLength(32 << 20);
        }

        ForeignTool.RunOk("mkntfs", "-Q", "-F", "-q", image);
        string mount = Directory.CreateDirectory(folder.File("mnt")).FullName;
        ForeignTool.RunOk("ntfs-3g", "-o", "compression,no_def_opts,silent", image, mount);
        try
        {
            string packed = Directory.CreateDirectory(Path.Combine(mount, "packed")).FullName;
            ForeignTool.RunOk("setfattr", "-h", "-v", "0x00000800", "-n", "system.ntfs_attrib_be", packed);
            File.WriteAllText(Path.Combine(packed, "f"), string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i}\n")));
            string many = Directory.CreateDirectory(Path.Combine(mount, "many")).FullName;
            for (int i = 0; i < 600; i++)
            {
                File.WriteAllText(Path.Combine(many, $"a name that is long enough {i}.txt"), "x");
            }

            for (int i = 0; i < 600; i += 3)
            {
                File.Delete(Path.Combine(many, $"a name that is long enough {i}.txt"));
            }

            ForeignTool.RunOk("ln", Path.Combine(many, "a name that is long enough 1.txt"), Path.Combine(mount, "linked"));
        }
        finally
        {
            ForeignTool.RunOk("fusermount", "-u", mount);
        }

        return image;
    }

    private static string[] Ids(byte[] bytes) =>
        [.. NtfsChecker.Check(new MemoryBlockDevice(bytes, 512), default).Select(finding => finding.Id).Distinct()];

    private sealed class CountingDevice(IBlockDevice device) : IBlockDevice
    {
        public long BytesRead { get; private set; }

        public long Length => device.Length;

        public int SectorSize => device.SectorSize;

        public void Read(long offset, Span<byte> buffer)
        {
            BytesRead += buffer.Length;
            device.Read(offset, buffer);
        }
    }
}
