using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Qcow2;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class Qcow2WriterTests
{
    [OracleFact("qemu-img")]
    public void Flat_copy_is_what_qemu_takes_for_the_same_disk()
    {
        using TempFolder folder = new();
        foreach (int size in new[] { 512, 65536, 65536 * 3, SampleDisk.DefaultSize, 1536 })
        {
            SampleDisk disk = new(size, size);
            Write(folder.File("flat.qcow2"), new MemoryBlockDevice(disk.Bytes, 512), [new BlockRange(0, size)], null, null);
            AssertSound(folder.File("flat.qcow2"));
            AssertQemuReads(folder, disk.Bytes, folder.File("flat.qcow2"));
        }
    }

    [OracleFact("qemu-img")]
    public void Overlays_of_random_edits_hold_with_every_kind_of_backing_file_that_qemu_accepts()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(4);
        string raw = disk.WriteRaw(folder);
        (string Name, string Format, string[] Options)[] kinds =
        [
            ("base.raw", "raw", []),
            ("base.qcow2", "qcow2", []),
            ("compressed.qcow2", "qcow2", ["-c"]),
            ("sparse.vmdk", "vmdk", ["-o", "subformat=monolithicSparse"]),
            ("stream.vmdk", "vmdk", ["-o", "subformat=streamOptimized"]),
        ];
        foreach ((string name, string format, string[] options) in kinds)
        {
            string source = folder.File(name);
            ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", format, .. options, raw, source]);
            byte[] expected = [.. disk.Bytes];
            using DiskImage image = ImageDetector.Open(source);
            OverlayBlockDevice edited = new(image);
            Edit(edited, expected, name.Length);
            string overlay = folder.File($"{name}.kvm.qcow2");
            Write(overlay, edited, DirtyRanges(edited), name, format);

            AssertSound(overlay);
            AssertQemuReads(folder, expected, overlay);
            using DiskImage reread = ImageDetector.Open(overlay);
            SampleDisk.AssertHolds(expected, reread);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Existing_overlay_with_other_clusters_is_written_anew_with_further_edits()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(5);
        disk.WriteRaw(folder, "base.raw");
        string old = folder.File("old.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-o", "cluster_size=4096", "-F", "raw", "-b", "base.raw", old);
        ForeignTool.RunOk("qemu-io", "-c", "write -P 5 100k 3k", "-c", "write -z 2M 1M", old);
        byte[] expected = [.. disk.Bytes];
        expected.AsSpan(100 << 10, 3 << 10).Fill(5);
        expected.AsSpan(2 << 20, 1 << 20).Clear();
        using DiskImage image = ImageDetector.Open(old);
        OverlayBlockDevice edited = new(image);
        Edit(edited, expected, 6);

        Write(folder.File("new.qcow2"), edited, [.. image.AllocatedRanges(), .. DirtyRanges(edited)], "base.raw", "raw");

        AssertSound(folder.File("new.qcow2"));
        AssertQemuReads(folder, expected, folder.File("new.qcow2"));
    }

    [OracleFact("qemu-img")]
    public void Zeros_hide_the_backing_file_and_take_no_room()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(7);
        disk.WriteRaw(folder, "base.raw");
        MemoryBlockDevice zero = new(new byte[disk.Bytes.Length], 512);
        string overlay = folder.File("zero.qcow2");
        Write(overlay, zero, [new BlockRange(0, zero.Length)], "base.raw", "raw");
        AssertSound(overlay);
        AssertQemuReads(folder, new byte[disk.Bytes.Length], overlay);
        Assert.Equal(5 * 65536, new FileInfo(overlay).Length);
    }

    [OracleFact("qemu-img")]
    public void Last_clusters_of_a_huge_disk_need_only_their_own_tables()
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", folder.File("base.qcow2"), "8T");
        using DiskImage image = ImageDetector.Open(folder.File("base.qcow2"));
        OverlayBlockDevice edited = new(image);
        edited.Write(image.Length - 512, [1, 2, 3]);
        edited.Write(1L << 40, [4]);
        string overlay = folder.File("huge.qcow2");
        Write(overlay, edited, DirtyRanges(edited), "base.qcow2", "qcow2");
        AssertSound(overlay);
        using DiskImage reread = ImageDetector.Open(overlay);
        Assert.Equal([new BlockRange(1L << 40, 65536), new BlockRange(image.Length - 65536, 65536)], reread.AllocatedRanges());
        Assert.InRange(new FileInfo(overlay).Length, 0, 10 * 65536);
    }

    [Fact]
    public void Target_that_is_not_empty_is_refused()
    {
        using MemoryStream target = new([1]);
        Assert.Throws<ArgumentException>(
            () => Qcow2Writer.Write(target, new Qcow2Content { Disk = new MemoryBlockDevice(new byte[512]), Ranges = [] }));
    }

    [DataFact("vmdk/streamOptimized.vmdk.gz")]
    public void Overlay_over_a_stream_optimized_disk_of_VMware_can_be_run_by_qemu()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("vmware.vmdk"), SharedData.Read("vmdk/streamOptimized.vmdk.gz"));
        using DiskImage image = ImageDetector.Open(folder.File("vmware.vmdk"));
        byte[] expected = new byte[image.Length];
        image.Read(0, expected);
        OverlayBlockDevice edited = new(image);
        Edit(edited, expected, 9);
        string overlay = folder.File("vmware.qcow2");
        Write(overlay, edited, DirtyRanges(edited), "vmware.vmdk", "vmdk");
        AssertQemuReads(folder, expected, overlay);

        ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", "write -P 7 1M 300k", "-c", "discard 2M 128k", overlay);
        expected.AsSpan(1 << 20, 300 << 10).Fill(7);
        expected.AsSpan(2 << 20, 128 << 10).Clear();
        AssertSound(overlay);
        AssertQemuReads(folder, expected, overlay);
    }

    private static void Edit(OverlayBlockDevice device, byte[] expected, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 12; i++)
        {
            byte[] data = new byte[random.Next(1, 150_000)];
            if (i % 4 != 0)
            {
                random.NextBytes(data);
            }

            int offset = random.Next(expected.Length - data.Length);
            device.Write(offset, data);
            data.CopyTo(expected, offset);
        }

        byte[] end = [1, 2, 3];
        device.Write(expected.Length - 3, end);
        end.CopyTo(expected, expected.Length - 3);
    }

    private static List<BlockRange> DirtyRanges(OverlayBlockDevice device) =>
        [.. device.DirtyRanges];

    private static void Write(string path, IBlockDevice disk, IEnumerable<BlockRange> ranges, string? backing, string? format)
    {
        using FileStream stream = new(path, FileMode.Create);
        Qcow2Writer.Write(stream, new Qcow2Content { Disk = disk, Ranges = ranges, BackingFile = backing, BackingFormat = format });
    }

    private static void AssertSound(string path) =>
        Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", path), StringComparison.Ordinal);

    private static void AssertQemuReads(TempFolder folder, byte[] expected, string path)
    {
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", path, folder.File("read.raw"));
        byte[] actual = File.ReadAllBytes(folder.File("read.raw"));
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"differs from byte {SampleDisk.FirstDifference(expected, actual)}");
    }
}
