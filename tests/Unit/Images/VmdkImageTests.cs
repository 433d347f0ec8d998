using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class VmdkImageTests
{
    internal const string RealContent = "a3bcf05f07a1c06a3380eeca8571f0efb2b85afafa1e21662b8cad436d1f7727";

    [OracleFact("qemu-img")]
    public void Sparse_and_stream_optimized_read_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(3, 40 * 1024 * 1024 + (5 * 512));
        string raw = disk.WriteRaw(folder);
        string[][] variants =
        [
            ["-o", "subformat=monolithicSparse"],
            ["-o", "subformat=monolithicSparse,zeroed_grain=on"],
            ["-o", "subformat=streamOptimized"],
        ];
        foreach (string[] variant in variants)
        {
            string path = folder.File("sample.vmdk");
            ForeignTool.RunOk("qemu-img", ["convert", "-O", "vmdk", .. variant, raw, path]);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(ImageFormat.Vmdk, image.Format);
            SampleDisk.AssertHolds(disk.Bytes, image);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Allocated_ranges_are_the_written_grains()
    {
        using TempFolder folder = new();
        string path = folder.File("sample.vmdk");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", path, "1G");
        ForeignTool.RunOk("qemu-io", "-c", "write -P 1 100000 1", "-c", "write -P 2 700M 128k", "-c", "write -P 1 1073741312 512", path);
        using DiskImage image = ImageDetector.Open(path);
        Assert.Equal(
            [new BlockRange(65536, 65536), new BlockRange(700 << 20, 131072), new BlockRange((1 << 30) - 65536, 65536)],
            image.AllocatedRanges());
    }

    [DataFact("vmdk/monolithicSparse.vmdk.gz", "vmdk/streamOptimized.vmdk.gz")]
    public void Images_that_VMware_made_hold_the_known_content()
    {
        using TempFolder folder = new();
        foreach (string name in new[] { "monolithicSparse", "streamOptimized" })
        {
            string path = folder.File($"{name}.vmdk");
            File.WriteAllBytes(path, SharedData.Read($"vmdk/{name}.vmdk.gz"));
            using DiskImage image = ImageDetector.Open(path);
            byte[] content = new byte[image.Length];
            image.Read(0, content);
            Assert.Equal(RealContent, Convert.ToHexStringLower(SHA256.HashData(content)));
            Assert.Equal(name, image.Variant);
        }
    }

    [OracleFact("qemu-img")]
    public void A_stream_of_vmdktool_whose_descriptor_begins_with_a_comment_of_its_own()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(16);
        string path = folder.File("stream.vmdk");
        ForeignTool.RunOk(
            "qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", disk.WriteRaw(folder), path);
        byte[] bytes = File.ReadAllBytes(path);
        int place = BitConverter.ToInt32(bytes, 28) * 512;
        Encoding.ASCII.GetBytes("# Description file c\n").CopyTo(bytes.AsSpan(place)); // as long as the usual first line
        File.WriteAllBytes(path, bytes);
        ForeignTool.RunOk("qemu-img", "compare", "-f", "raw", "-F", "vmdk", folder.File("sample.raw"), path);
        using DiskImage image = ImageDetector.Open(path);
        SampleDisk.AssertHolds(disk.Bytes, image);
    }

    [OracleFact("qemu-img")]
    public void Grain_directory_that_only_the_footer_knows_is_found()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(15);
        string path = folder.File("stream.vmdk");
        ForeignTool.RunOk(
            "qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", disk.WriteRaw(folder), path);
        MoveDirectoryToFooter(path);
        ForeignTool.RunOk("qemu-img", "compare", "-f", "raw", "-F", "vmdk", folder.File("sample.raw"), path);
        using (DiskImage image = ImageDetector.Open(path))
        {
            SampleDisk.AssertHolds(disk.Bytes, image);
        }

        using (FileStream cut = new(path, FileMode.Open))
        {
            cut.SetLength(cut.Length - 512);
        }

        Assert.Equal("VmdkImageTruncated", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Redundant_grain_directory_replaces_a_damaged_one_and_reveals_a_lost_entry()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(17, 40 << 20);
        string path = folder.File("sparse.vmdk");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", disk.WriteRaw(folder), path);
        byte[] bytes = File.ReadAllBytes(path);
        int directory = BitConverter.ToInt32(bytes, 56) * 512;
        byte[] entry = bytes[directory..(directory + 4)];
        bytes.AsSpan(directory, 4).Fill(0xEE);
        File.WriteAllBytes(path, bytes);
        using (DiskImage image = ImageDetector.Open(path))
        {
            SampleDisk.AssertHolds(disk.Bytes, image);
        }

        bytes.AsSpan(directory, 4).Clear();
        File.WriteAllBytes(path, bytes);
        using (DiskImage image = ImageDetector.Open(path))
        {
            Assert.Equal(
                "VmdkGrainDirectoryDamaged", Assert.Throws<DiskFormatException>(() => image.Read(0, new byte[512])).ErrorId);
        }

        entry.CopyTo(bytes, directory);
        bytes.AsSpan(BitConverter.ToInt32(entry) * 512, 4).Fill(0xEE);
        File.WriteAllBytes(path, bytes);
        using (DiskImage image = ImageDetector.Open(path))
        {
            Assert.Equal("VmdkImageTruncated", Assert.Throws<DiskFormatException>(() => image.Read(0, new byte[512])).ErrorId);
        }
    }

    [DataFact("vmdk/streamOptimized.vmdk.gz")]
    public void Grain_whose_marker_names_another_place_is_refused()
    {
        using TempFolder folder = new();
        byte[] bytes = SharedData.Read("vmdk/streamOptimized.vmdk.gz");
        Assert.Equal(0, BitConverter.ToInt64(bytes, 128 * 512));
        bytes[128 * 512] = 128;
        File.WriteAllBytes(folder.File("stream.vmdk"), bytes);
        using DiskImage image = ImageDetector.Open(folder.File("stream.vmdk"));
        Assert.Equal("VmdkGrainDamaged", Assert.Throws<DiskFormatException>(() => image.Read(0, new byte[512])).ErrorId);
    }

    /// <summary>Makes of a streamOptimized image one as a stream is written: the header says -1, a footer at the end knows the place.</summary>
    internal static void MoveDirectoryToFooter(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        byte[] footer = new byte[3 * 512];
        footer[0] = 1; // the footer takes one sector
        footer[12] = 3; // MARKER_FOOTER
        bytes.AsSpan(0, 512).CopyTo(footer.AsSpan(512));
        bytes.AsSpan(56, 8).Fill(0xFF);
        int whole = (bytes.Length + 511) / 512 * 512;
        byte[] result = new byte[whole + footer.Length];
        bytes.CopyTo(result, 0);
        footer.CopyTo(result, whole);
        File.WriteAllBytes(path, result);
    }
}
