using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class Qcow2ImageTests
{
    [OracleFact("qemu-img")]
    public void Every_variant_that_qemu_makes_reads_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(1);
        string raw = disk.WriteRaw(folder);
        string[][] variants =
        [
            ["-o", "compat=0.10"],
            ["-o", "compat=1.1"],
            ["-o", "cluster_size=512"],
            ["-o", "cluster_size=4096"],
            ["-o", "cluster_size=2M"],
            ["-o", "lazy_refcounts=on"],
            ["-o", "preallocation=metadata"],
            ["-o", "preallocation=falloc"],
            ["-o", "refcount_bits=1"],
            ["-c"],
            ["-c", "-o", "compat=0.10,cluster_size=512"],
            ["-c", "-o", "cluster_size=2M"],
            ["-c", "-o", "compression_type=zstd"],
            ["-c", "-o", "compression_type=zstd,cluster_size=4096"],
        ];
        foreach (string[] variant in variants)
        {
            string path = folder.File("sample.qcow2");
            ForeignTool.RunOk("qemu-img", ["convert", "-O", "qcow2", .. variant, raw, path]);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(ImageFormat.Qcow2, image.Format);
            SampleDisk.AssertHolds(disk.Bytes, image);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Chain_of_three_reads_as_qemu_reads_it()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(2);
        disk.WriteRaw(folder, "base.raw");
        Directory.CreateDirectory(folder.File("sub"));
        string middle = folder.File("sub/middle.qcow2");
        string top = folder.File("top.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-F", "raw", "-b", "../base.raw", middle, "12M");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-o", "cluster_size=4096", "-F", "qcow2", "-b", middle, top, "16M");
        ForeignTool.RunOk("qemu-io", "-c", "write -P 17 1M 70000", "-c", "write -z 3M 1M", "-c", "write -P 9 11M 1M", middle);
        ForeignTool.RunOk("qemu-io", "-c", "write -P 33 1060000 300", "-c", "write -z 5M 64k", "-c", "write -P 3 15M 512", top);
        byte[] expected = Flat(folder, top);

        using DiskImage image = ImageDetector.Open(top);

        SampleDisk.AssertHolds(expected, image);
        Assert.Equal([top, middle, folder.File("base.raw")], image.Files);
        Assert.Equal(
            [new BlockRange(1060000 / 4096 * 4096, 4096), new BlockRange(5 << 20, 65536), new BlockRange(15 << 20, 4096)],
            image.AllocatedRanges());
        Assert.Equal(
            [new BlockRange(1 << 20, 131072), new BlockRange(3 << 20, 1 << 20), new BlockRange(11 << 20, 1 << 20)],
            image.Backing!.AllocatedRanges());
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Chains_of_overlays_over_every_kind_of_disk_read_as_QEMU_reads_them()
    {
        using TempFolder folder = new();
        string raw = new SampleDisk(6).WriteRaw(folder);
        string[] kinds =
        [
            "qcow2 -c", "qcow2 -c -o compression_type=zstd", "vmdk", "vmdk -o subformat=streamOptimized", "vmdk -o subformat=twoGbMaxExtentFlat",
            "vpc -o force_size=on", "vhdx -o block_size=1M", "vdi",
        ];
        Random random = new(7);
        foreach (string kind in kinds)
        {
            string[] words = kind.Split(' ');
            string below = folder.File($"base{Array.IndexOf(kinds, kind)}");
            ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", .. words, raw, below]);
            string format = words[0];
            for (int layer = 0; layer < 3; layer++)
            {
                string top = $"{below}-{layer}";
                int size = SampleDisk.DefaultSize + (layer * 70_144); // each a little longer than what it stands on
                ForeignTool.RunOk(
                    "qemu-img", "create", "-f", "qcow2", "-o", $"cluster_size={512 << random.Next(13)}", "-F", format, "-b", below, top, $"{size}");
                string[] writes = [.. Enumerable.Range(0, 12).SelectMany(
                    n => (string[])["-c", $"write {(n % 4 == 0 ? "-z" : $"-P {n + 1}")} {random.Next(17_000) * 512} {random.Next(1, 900) * 512}"])];
                ForeignTool.RunOk("qemu-io", [.. writes, top]);
                (below, format) = (top, "qcow2");
            }

            using DiskImage image = ImageDetector.Open(below);
            SampleDisk.AssertHolds(Flat(folder, below), image);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Internal_snapshots_are_listed_and_do_not_change_what_is_read()
    {
        using TempFolder folder = new();
        string path = folder.File("snapshots.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", path, "8M");
        ForeignTool.RunOk("qemu-io", "-c", "write -P 1 0 4M", path);
        ForeignTool.RunOk("qemu-img", "snapshot", "-c", "old", path);
        ForeignTool.RunOk("qemu-io", "-c", "write -P 2 1M 1M", path);
        ForeignTool.RunOk("qemu-img", "snapshot", "-c", "ältere", path);
        using DiskImage image = ImageDetector.Open(path);
        SampleDisk.AssertHolds(Flat(folder, path), image);
        Assert.Equal(["1 old", "2 ältere"], image.Snapshots.Select(snapshot => $"{snapshot.Id} {snapshot.Name}"));
        Assert.All(image.Snapshots, snapshot => Assert.InRange(snapshot.Created, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)));
    }

    [OracleFact("qemu-img")]
    public void Snapshot_table_that_cannot_be_is_refused()
    {
        using TempFolder folder = new();
        string path = folder.File("snapshots.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", path, "8M");
        ForeignTool.RunOk("qemu-img", "snapshot", "-c", "old", path);
        byte[] sound = File.ReadAllBytes(path);
        foreach ((int place, byte value) in new (int, byte)[] { (60, 0x7F), (61, 0xFF), (64, 0x01), (69, 0x7F), (71, 0x01) })
        {
            byte[] damaged = [.. sound];
            damaged[place] = value;
            File.WriteAllBytes(path, damaged);
            Assert.Equal("QcowSnapshotTableDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Subclusters_are_there_zero_or_absent_each_by_itself()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(30);
        disk.WriteRaw(folder, "base.raw");
        foreach (string size in new[] { "16k", "64k", "2M" })
        {
            string path = folder.File($"{size}.qcow2");
            ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-o", $"extended_l2=on,cluster_size={size}", "-F", "raw", "-b", "base.raw", path);
            ForeignTool.RunOk(
                "qemu-io", "-c", "write -P 1 10k 3k", "-c", "write -z 64k 6k", "-c", "write -z 5M 64k", "-c", "write -P 5 1M 200k",
                "-c", "write -z 1100k 4k", "-c", "write -P 7 9M 512", path);
            using DiskImage image = ImageDetector.Open(path);
            SampleDisk.AssertHolds(Flat(folder, path), image);
            Assert.True(image.AllocatedRanges().Sum(range => range.Length) < image.Length / 2);
        }

        string packed = folder.File("packed.qcow2");
        ForeignTool.RunOk("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "extended_l2=on", folder.File("base.raw"), packed);
        using DiskImage compressed = ImageDetector.Open(packed);
        SampleDisk.AssertHolds(disk.Bytes, compressed);
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void External_data_files_are_read()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(31);
        string raw = disk.WriteRaw(folder);
        foreach (string more in new[] { "", ",data_file_raw=on", ",extended_l2=on" })
        {
            string path = folder.File("image.qcow2");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", $"data_file={folder.File("data.bin")}{more}", raw, path);
            ForeignTool.RunOk("qemu-io", "-c", "write -P 17 1M 70000", "-c", "write -z 2M 1M", path);
            using DiskImage image = ImageDetector.Open(path);
            SampleDisk.AssertHolds(Flat(folder, path), image);
            Assert.Equal([path, folder.File("data.bin")], image.Files);
        }
    }

    [OracleFact("qemu-img")]
    public void Data_files_that_are_missing_short_or_not_local_are_refused()
    {
        using TempFolder folder = new();
        string path = folder.File("image.qcow2");
        ForeignTool.RunOk(
            "qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", $"data_file={folder.File("d")}", new SampleDisk(32).WriteRaw(folder), path);
        byte[] sound = File.ReadAllBytes(path);
        byte[] data = File.ReadAllBytes(folder.File("d"));
        File.WriteAllBytes(folder.File("d"), data[..(data.Length / 2)]);
        using (DiskImage image = ImageDetector.Open(path))
        {
            Assert.Equal("QcowImageTruncated", Assert.Throws<DiskFormatException>(() => image.Read(0, new byte[image.Length])).ErrorId);
        }

        File.Delete(folder.File("d"));
        Assert.Equal("QcowDataFileMissing", Assert.Throws<GuestItemNotFoundException>(() => ImageDetector.Open(path)).ErrorId);
        WithName(sound, folder.File("d"), "nbd://host/d", path);
        Assert.Equal("BackingProtocolNotSupported", Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(path)).ErrorId);
        WithName(sound, folder.File("d"), "image.qcow2", path);
        Assert.Equal("BackingChainCyclic", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
        byte[] nameless = [.. sound];
        nameless[nameless.AsSpan().IndexOf("DATA"u8)] = (byte)'X';
        File.WriteAllBytes(path, nameless);
        Assert.Equal("QcowHeaderDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
    }

    /// <summary>The image with another data file in its header; the name is not longer than the first.</summary>
    private static void WithName(byte[] image, string old, string name, string path)
    {
        byte[] bytes = [.. image];
        int place = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(old));
        Be.U32(bytes, place - 4, (uint)name.Length);
        bytes.AsSpan(place, (old.Length + 7) & ~7).Clear();
        Encoding.UTF8.GetBytes(name).CopyTo(bytes, place);
        File.WriteAllBytes(path, bytes);
    }

    [OracleFact("qemu-img")]
    public void Backing_chain_that_comes_back_to_itself_is_refused()
    {
        using TempFolder folder = new();
        Link(folder, "a.qcow2", "b.qcow2");
        Link(folder, "b.qcow2", "a.qcow2");
        DiskFormatException error = Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("a.qcow2")));
        Assert.Equal("BackingChainCyclic", error.ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Backing_chain_without_end_is_refused()
    {
        using TempFolder folder = new();
        for (int i = 0; i < 66; i++)
        {
            Link(folder, $"{i}.qcow2", $"{i + 1}.qcow2");
        }

        DiskFormatException error = Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("0.qcow2")));
        Assert.Equal("BackingChainTooLong", error.ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Missing_backing_file_is_named_with_the_image_that_needs_it()
    {
        using TempFolder folder = new();
        Link(folder, "top.qcow2", "middle.qcow2");
        Link(folder, "middle.qcow2", "gone.qcow2");
        GuestItemNotFoundException error =
            Assert.Throws<GuestItemNotFoundException>(() => ImageDetector.Open(folder.File("top.qcow2")));
        Assert.Equal("BackingFileMissing", error.ErrorId);
        Assert.Contains(folder.File("middle.qcow2"), error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.File("gone.qcow2"), error.Message, StringComparison.Ordinal);
    }

    [OracleFact("qemu-img")]
    public void Backing_format_in_the_header_wins_over_the_magic()
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-o", "preallocation=full", folder.File("inner"), "1M");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-F", "raw", "-b", "inner", folder.File("outer.qcow2"));
        using DiskImage image = ImageDetector.Open(folder.File("outer.qcow2"));
        byte[] magic = new byte[4];
        image.Read(0, magic);
        Assert.Equal([0x51, 0x46, 0x49, 0xFB], magic);
    }

    [OracleFact("qemu-img")]
    public void Features_that_are_not_read_are_refused_by_name()
    {
        using TempFolder folder = new();
        Refused(folder, "QcowEncrypted", "--object", "secret,id=s,data=geheim", "-o", "encrypt.format=aes,encrypt.key-secret=s");

        // crypt_method 2 is LUKS. qemu-img itself makes one only on a quiet machine: it measures how fast keys are derived.
        byte[] bytes = File.ReadAllBytes(folder.File("QcowEncrypted.qcow2"));
        Assert.Equal(1, bytes[35]);
        bytes[35] = 2;
        File.WriteAllBytes(folder.File("luks.qcow2"), bytes);
        Assert.Equal("QcowEncrypted", Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("luks.qcow2"))).ErrorId);
    }

    [DataFact(
        "qcow2/backing-chain-1.qcow2.gz", "qcow2/backing-chain-2.qcow2.gz", "qcow2/backing-chain-3.qcow2.gz",
        "qcow2/image-v2.qcow2.gz", "qcow2/snapshot.qcow2.gz", "ntfs/win-vss-1G.qcow2")]
    public void Real_images_read_as_qemu_reads_them()
    {
        using TempFolder folder = new();
        foreach (string name in new[] { "backing-chain-3", "backing-chain-2", "backing-chain-1", "image-v2", "snapshot" })
        {
            File.WriteAllBytes(folder.File($"{name}.qcow2"), SharedData.Read($"qcow2/{name}.qcow2.gz"));
        }

        RealImages.AssertAsQemu(folder, folder.File("backing-chain-1.qcow2"));
        RealImages.AssertAsQemu(folder, folder.File("image-v2.qcow2"));
        RealImages.AssertAsQemu(folder, folder.File("snapshot.qcow2"));
        RealImages.AssertAsQemu(folder, SharedData.PathOf("ntfs/win-vss-1G.qcow2"));
    }

    [OracleFact("qemu-img")]
    public void Opening_and_sampling_a_huge_image_reads_few_tables()
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-o", "preallocation=metadata", folder.File("huge.qcow2"), "256G");
        using DiskImage image = ImageDetector.Open(folder.File("huge.qcow2"));
        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[] sector = new byte[512];
        for (int i = 0; i < 100; i++)
        {
            image.Read(i * (image.Length / 100) / 512 * 512, sector);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 101 * 70_000);
    }

    [OracleFact("qemu-img")]
    public void Dirty_image_is_read_and_one_marked_corrupt_is_not()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(20, 300 * 1024);
        string path = folder.File("image.qcow2");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk.WriteRaw(folder), path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[79] = 1;
        File.WriteAllBytes(path, bytes);
        using (DiskImage image = ImageDetector.Open(path))
        {
            SampleDisk.AssertHolds(disk.Bytes, image);
        }

        bytes[79] = 2;
        File.WriteAllBytes(path, bytes);
        Assert.Equal("QcowMarkedCorrupt", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
        bytes[79] = 32;
        File.WriteAllBytes(path, bytes);
        Assert.Equal("QcowFeatureUnknown", Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(path)).ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Backing_file_of_another_format_than_the_header_says_is_refused()
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", folder.File("base"), "1M");
        ForeignTool.RunOk("qemu-img", "create", "-u", "-f", "qcow2", "-F", "qcow2", "-b", "base", folder.File("top.qcow2"), "1M");
        Assert.Equal(
            "BackingFormatDiffers", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("top.qcow2"))).ErrorId);
        ForeignTool.RunOk("qemu-img", "create", "-u", "-f", "qcow2", "-F", "raw", "-b", "nbd://host/disk", folder.File("top.qcow2"), "1M");
        Assert.Equal(
            "BackingProtocolNotSupported",
            Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("top.qcow2"))).ErrorId);
    }

    private static void Link(TempFolder folder, string name, string backing) =>
        ForeignTool.RunOk("qemu-img", "create", "-u", "-f", "qcow2", "-F", "qcow2", "-b", backing, folder.File(name), "1M");

    private static void Refused(TempFolder folder, string errorId, params string[] options)
    {
        string path = folder.File($"{errorId}.qcow2");
        ForeignTool.RunOk("qemu-img", ["create", "-f", "qcow2", .. options, path, "1M"]);
        Assert.Equal(errorId, Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(path)).ErrorId);
    }

    private static byte[] Flat(TempFolder folder, string path)
    {
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", path, folder.File("flat.raw"));
        return File.ReadAllBytes(folder.File("flat.raw"));
    }
}
