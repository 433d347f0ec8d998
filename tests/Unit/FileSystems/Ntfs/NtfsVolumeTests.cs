using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class NtfsVolumeTests
{
    [DataFact(NtfsSamples.TestVolume)]
    public void Windows_volume_reads_as_ntfs_3g_reads_it() => CompareWithNtfs3g(NtfsSamples.TestVolume);

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Large_directory_reads_as_ntfs_3g_reads_it() => CompareWithNtfs3g(NtfsSamples.LargeDirectory);

    [DataFact(NtfsSamples.IndexDisk)]
    public void Index_test_volume_reads_as_ntfs_3g_reads_it() => CompareWithNtfs3g(NtfsSamples.IndexDisk);

    [DataFact(NtfsSamples.AttributeLists)]
    public void Volume_with_attribute_lists_reads_as_ntfs_3g_reads_it() => CompareWithNtfs3g(NtfsSamples.AttributeLists);

    [DataFact(NtfsSamples.Streams)]
    public void Volume_with_streams_reads_as_ntfs_3g_reads_it() => CompareWithNtfs3g(NtfsSamples.Streams);

    [DataFact(NtfsSamples.TestVolume)]
    public void Real_volume_tells_its_state()
    {
        NtfsVolume volume = NtfsVolume.Open(new MemoryBlockDevice(NtfsSamples.Read(NtfsSamples.TestVolume), 512));
        Assert.Equal("Test Volume", volume.Label);
        Assert.Equal("NTFS", volume.Kind);
        Assert.Equal((3, 1, 1024, 1024), (volume.State.MajorVersion, volume.State.MinorVersion, volume.State.ClusterSize, volume.State.FileRecordSize));
        Assert.Equal(0x0080, volume.State.VolumeFlags);
        Assert.Equal(LogFileState.Version2InUse, volume.State.Log);
    }

    [DataFact(NtfsSamples.ShadowVolume)]
    public void Volume_with_shadow_copies_reads_as_ntfs_3g_reads_it()
    {
        using TempFolder temp = new();
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", SharedData.PathOf(NtfsSamples.ShadowVolume), temp.File("v"));
        using FileBlockDevice disk = new(temp.File("v"));
        Compare(temp.File("v"), disk);
    }

    [DataFact(NtfsSamples.ShadowDisk)]
    public void Both_volumes_of_a_Windows_disk_read_as_ntfs_3g_reads_them()
    {
        using TempFolder temp = new();
        ForeignTool.RunOk("tar", "-C", temp.Path, "-xSf", SharedData.PathOf(NtfsSamples.ShadowDisk));
        string image = Directory.GetFiles(temp.Path)[0];
        using FileBlockDevice disk = new(image);
        byte[] table = new byte[512];
        disk.Read(0, table);
        for (int entry = 0x1BE; entry < 0x1DE; entry += 16)
        {
            long start = Le.U32(table, entry + 8) * 512L;
            BlockSlice volume = new(disk, new BlockRange(start, Le.U32(table, entry + 12) * 512L));
            string copy = temp.File("volume");
            ForeignTool.RunOk("dd", $"if={image}", $"of={copy}", "bs=1M", "conv=sparse", $"skip={start}", $"count={volume.Length}", "iflag=skip_bytes,count_bytes");
            Compare(copy, volume);
            File.Delete(copy);
        }
    }

    private static void Compare(string image, IBlockDevice device)
    {
        using NtfsMount mount = new(image);
        SortedDictionary<string, string> expected = mount.Snapshot();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, NtfsMount.Snapshot(NtfsVolume.Open(device)));
    }

    private static void CompareWithNtfs3g(string file)
    {
        using TempFolder temp = new();
        byte[] bytes = NtfsSamples.Read(file);
        File.WriteAllBytes(temp.File("v"), bytes);
        Compare(temp.File("v"), new MemoryBlockDevice(bytes, 512));
    }
}
