using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Qcow2;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>The table of docs/DiskImages.md: what QEMU reads beneath an overlay, judged by QEMU.</summary>
public class ImageBackingTests
{
    private static readonly (string Kind, string Format, string Options)[] s_kinds =
    [
        ("raw", "raw", ""),
        ("qcow2 version 2", "qcow2", "compat=0.10"),
        ("qcow2 version 3", "qcow2", "lazy_refcounts=on"),
        ("qcow2 with subclusters", "qcow2", "extended_l2=on"),
        ("qcow2 with a data file", "qcow2", "data_file="),
        ("VMDK monolithicSparse", "vmdk", "subformat=monolithicSparse,zeroed_grain=on"),
        ("VMDK monolithicFlat", "vmdk", "subformat=monolithicFlat"),
        ("VMDK twoGbMaxExtentSparse", "vmdk", "subformat=twoGbMaxExtentSparse"),
        ("VMDK twoGbMaxExtentFlat", "vmdk", "subformat=twoGbMaxExtentFlat"),
        ("VMDK streamOptimized", "vmdk", "subformat=streamOptimized"),
        ("VHD dynamic", "vpc", "force_size=on"),
        ("VHD fixed", "vpc", "force_size=on,subformat=fixed"),
        ("VHDX dynamic", "vhdx", "block_size=1M"),
        ("VHDX fixed", "vhdx", "subformat=fixed"),
        ("VDI dynamic", "vdi", ""),
        ("VDI fixed", "vdi", "static=on"),
    ];

    [OracleFact("qemu-img")]
    public void Qemu_reads_an_overlay_over_every_kind_of_the_table()
    {
        string table = File.ReadAllText(Path.Combine(Repository.Root, "docs", "DiskImages.md"));
        foreach ((string kind, string format, string options) in s_kinds)
        {
            using TempFolder folder = new();
            SampleDisk disk = new(50, 3 << 20);
            string raw = disk.WriteRaw(folder);
            string backing = folder.File("backing");
            string all = options == "data_file=" ? options + folder.File("data") : options;
            ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", format, .. all.Length > 0 ? ["-o", all] : (string[])[], raw, backing]);
            using DiskImage image = ImageDetector.Open(backing);
            Assert.Null(image.QemuObstacle);
            SampleDisk.AssertHolds(disk.Bytes, image);
            OverlayBlockDevice overlay = new(image);
            byte[] change = [.. Enumerable.Repeat((byte)0xA5, 5000)];
            overlay.Write(1_000_000, change);
            change.CopyTo(disk.Bytes, 1_000_000);
            using (FileStream target = new(folder.File("top.qcow2"), FileMode.Create))
            {
                Qcow2Writer.Write(target, new Qcow2Content
                {
                    Disk = overlay, Ranges = overlay.DirtyRanges, BackingFile = "backing", BackingFormat = image.Format.QemuName(),
                });
            }

            ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", folder.File("top.qcow2"), folder.File("flat"));
            Assert.True(disk.Bytes.AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("flat"))), $"{kind}: QEMU reads another disk");
            Assert.Contains($"| {kind} |", table, StringComparison.Ordinal);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Disks_of_two_TiB_are_opened_sampled_and_mapped_in_bounded_memory()
    {
        using TempFolder folder = new();
        (string Format, string Size, string Options)[] kinds =
        [
            ("qcow2", "2T", "cluster_size=64k"), ("qcow2", "2T", "extended_l2=on"), ("vmdk", "2T", "subformat=monolithicSparse"),
            ("vpc", "2040G", "force_size=on"), ("vhdx", "2T", "block_size=32M"), ("vdi", "2T", "static=off"),
        ];
        foreach ((string format, string size, string options) in kinds)
        {
            string path = folder.File($"huge.{format}");
            ForeignTool.RunOk("qemu-img", "create", "-q", "-f", format, "-o", options, path, size);
            ForeignTool.RunOk("qemu-io", "-f", format, "-c", "write -P 1 0 64k", "-c", "write -P 2 1T 1M", "-c", "write -P 3 2030G 64k", path);
            long before = GC.GetAllocatedBytesForCurrentThread();
            using DiskImage image = ImageDetector.Open(path);
            byte[] sector = new byte[512];
            foreach ((long offset, byte value) in new (long, byte)[] { (0, 1), (1L << 40, 2), (2030L << 30, 3), (500L << 30, 0), (image.Length - 512, 0) })
            {
                image.Read(offset, sector);
                Assert.All(sector, found => Assert.Equal(value, found));
            }

            Assert.InRange(image.AllocatedRanges().Sum(range => range.Length), 1, 200L << 20);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256L << 20); // all that came and went, so more than ever was there at once
            File.Delete(path);
        }
    }
}
