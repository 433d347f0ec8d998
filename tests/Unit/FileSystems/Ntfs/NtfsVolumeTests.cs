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

    private static void CompareWithNtfs3g(string file)
    {
        using TempFolder temp = new();
        byte[] bytes = NtfsSamples.Read(file);
        File.WriteAllBytes(temp.File("v"), bytes);
        using NtfsMount mount = new(temp.File("v"));
        SortedDictionary<string, string> expected = mount.Snapshot();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, NtfsMount.Snapshot(NtfsVolume.Open(new MemoryBlockDevice(bytes, 512))));
    }
}
