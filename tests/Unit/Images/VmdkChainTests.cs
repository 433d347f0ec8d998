using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Snapshots by descriptor: what they show through, and which chains are refused.</summary>
public class VmdkChainTests
{
    [OracleFact("qemu-img", "qemu-io")]
    public void Chains_that_qemu_makes_read_as_QEMU_reads_them()
    {
        using TempFolder folder = new();
        string raw = new SampleDisk(41).WriteRaw(folder);
        foreach (string kind in new[] { "monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "streamOptimized" })
        {
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", $"subformat={kind}", raw, folder.File("base.vmdk"));
            ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", "-F", "vmdk", "-b", folder.File("base.vmdk"), folder.File("one.vmdk"));
            ForeignTool.RunOk("qemu-io", "-f", "vmdk", "-c", "write -P 7 100000 200000", "-c", "write -P 8 5M 512", folder.File("one.vmdk"));
            ForeignTool.RunOk(
                "qemu-img", "create", "-f", "vmdk", "-F", "vmdk", "-b", folder.File("one.vmdk"), "-o",
                "subformat=twoGbMaxExtentSparse,zeroed_grain=on", folder.File("two.vmdk"));
            ForeignTool.RunOk("qemu-io", "-f", "vmdk", "-c", "write -P 9 150000 70000", "-c", "write -z 2M 1M", folder.File("two.vmdk"));
            RealImages.AssertAsQemu(folder, folder.File("two.vmdk"));
            using DiskImage image = ImageDetector.Open(folder.File("two.vmdk"));
            Assert.Equal(folder.File("one.vmdk"), image.Backing!.Path);
            Assert.Equal(folder.File("base.vmdk"), image.Backing.Backing!.Path);
            Assert.Equal([folder.File("two.vmdk"), folder.File("two-s001.vmdk"), folder.File("one.vmdk")], image.Files.Take(3));
            foreach (string file in Directory.GetFiles(folder.Path, "*.vmdk"))
            {
                image.Dispose();
                File.Delete(file);
            }
        }
    }

    [OracleFact("qemu-img")]
    public void Snapshots_of_ESX_over_several_extents_read_as_QEMU_reads_them()
    {
        using TempFolder folder = new();
        SampleDisk bottom = new(42, 6 << 20);
        SampleDisk one = new(43, 6 << 20);
        SampleDisk two = new(44, 6 << 20);
        const int Half = 3 << 20;
        const int Sectors = Half / 512;
        Write(folder, "base-f001.vmdk", bottom.Bytes[..Half]);
        Write(folder, "base-f002.vmdk", bottom.Bytes[Half..]);
        Write(folder, "one-delta1.vmdk", EsxExtents.Cowd(one.Bytes[..Half], 1, grain => grain % 5 == 0));
        Write(folder, "one-delta2.vmdk", EsxExtents.Cowd(one.Bytes[Half..], 1, grain => grain % 7 == 0));
        Write(folder, "two-sesparse.vmdk", EsxExtents.SeSparse(two.Bytes, grain => grain % 9 < 3 ? grain % 9 + 1 : 0));
        string baseLines = $"RW {Sectors} FLAT \"base-f001.vmdk\" 0\nRW {Sectors} FLAT \"base-f002.vmdk\" 0";
        string oneLines = $"RW {Sectors} VMFSSPARSE \"one-delta1.vmdk\"\nRW {Sectors} VMFSSPARSE \"one-delta2.vmdk\"";
        Descriptor(folder, "base", EsxExtents.Descriptor("twoGbMaxExtentFlat", baseLines, "fffffffe"));
        Descriptor(folder, "one", EsxExtents.Descriptor("vmfsSparse", oneLines, "0000abcd", "fffffffe", "base.vmdk"));
        Descriptor(folder, "two", EsxExtents.Descriptor("seSparse", $"RW {2 * Sectors} SESPARSE \"two-sesparse.vmdk\"", "1", "abcd", "one.vmdk"));
        RealImages.AssertAsQemu(folder, folder.File("one.vmdk"));
        RealImages.AssertAsQemu(folder, folder.File("two.vmdk"));

        byte[] expected = [.. bottom.Bytes];
        for (int sector = 0; sector < 2 * Sectors; sector++)
        {
            bool isOne = sector < Sectors ? sector % 5 == 0 : (sector - Sectors) % 7 == 0;
            int kind = sector / 8 % 9 < 3 ? (sector / 8 % 9) + 1 : 0;
            byte[]? source = kind == 3 ? two.Bytes : kind > 0 ? new byte[two.Bytes.Length] : isOne ? one.Bytes : null;
            source?.AsSpan(sector * 512, 512).CopyTo(expected.AsSpan(sector * 512));
        }

        using DiskImage image = ImageDetector.Open(folder.File("two.vmdk"));
        SampleDisk.AssertHolds(expected, image);
        Assert.Equal(new BlockRange(0, 3 * 4096), image.AllocatedRanges().First());
    }

    [Fact]
    public void A_larger_snapshot_of_a_smaller_disk_ends_in_zeros()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(45, 16 * 512);
        Write(folder, "base-flat.vmdk", disk.Bytes);
        Write(folder, "top-1.vmdk", EsxExtents.Cowd(new byte[24 * 512], 1, _ => false));
        Write(folder, "top-2.vmdk", EsxExtents.Cowd(new byte[8 * 512], 1, _ => false));
        Descriptor(folder, "base", EsxExtents.Descriptor("vmfs", "RW 16 VMFS \"base-flat.vmdk\""));
        Descriptor(folder, "top", EsxExtents.Descriptor(
            "vmfsSparse", "RW 24 VMFSSPARSE \"top-1.vmdk\"\nRW 8 VMFSSPARSE \"top-2.vmdk\"", "2", "11111111", "base.vmdk"));
        using DiskImage image = ImageDetector.Open(folder.File("top.vmdk"));
        SampleDisk.AssertHolds([.. disk.Bytes, .. new byte[16 * 512]], image);
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void A_parent_that_was_changed_underneath_is_refused_by_name()
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", folder.File("base.vmdk"), "1M");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", "-F", "vmdk", "-b", "base.vmdk", folder.File("child.vmdk"));
        using (DiskImage image = ImageDetector.Open(folder.File("child.vmdk")))
        {
            Assert.Equal(1 << 20, image.Length);
        }

        ForeignTool.RunOk("qemu-io", "-f", "vmdk", "-c", "write -P 1 0 512", folder.File("base.vmdk"));
        DiskFormatException error = Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("child.vmdk")));
        Assert.Equal("BackingFileChanged", error.ErrorId);
        Assert.Contains(folder.File("base.vmdk"), error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.File("child.vmdk"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "11111111", "top.vmdk", "BackingChainCyclic")]
    [InlineData("2", "11111111", "gone.vmdk", "BackingFileMissing")]
    [InlineData("2", "11111112", "base.vmdk", "BackingFileChanged")]
    [InlineData("2", "ffffffff", "base.vmdk", "VmdkDescriptorDamaged")]
    [InlineData("2", "11111111", null, "VmdkDescriptorDamaged")]
    [InlineData("2", "xyz", "base.vmdk", "VmdkDescriptorDamaged")]
    [InlineData("2", "11111111", "raw.vmdk", "BackingFormatDiffers")]
    public void Chains_that_cannot_be_are_refused(string id, string parentId, string? parent, string errorId)
    {
        using TempFolder folder = new();
        Write(folder, "raw.vmdk", new byte[512]);
        Descriptor(folder, "base", EsxExtents.Descriptor("vmfs", "RW 8 ZERO"));
        Descriptor(folder, "top", EsxExtents.Descriptor("vmfs", "RW 8 ZERO", id, parentId, parent));
        Assert.Equal(errorId, Assert.ThrowsAny<Hyper2KvmException>(() => ImageDetector.Open(folder.File("top.vmdk"))).ErrorId);
    }

    [Fact]
    public void A_chain_that_is_too_long_is_refused()
    {
        using TempFolder folder = new();
        Descriptor(folder, "0", EsxExtents.Descriptor("vmfs", "RW 8 ZERO"));
        for (int i = 1; i < 70; i++)
        {
            Descriptor(folder, $"{i}", EsxExtents.Descriptor("vmfs", "RW 8 ZERO", "11111111", "11111111", $"{i - 1}.vmdk"));
        }

        Assert.Equal("BackingChainTooLong", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("69.vmdk"))).ErrorId);
        using DiskImage image = ImageDetector.Open(folder.File("60.vmdk"));
        Assert.Equal(61, image.Files.Count);
    }

    private static void Write(TempFolder folder, string name, byte[] bytes) => File.WriteAllBytes(folder.File(name), bytes);

    private static void Descriptor(TempFolder folder, string name, string text) => File.WriteAllText(folder.File($"{name}.vmdk"), text);
}
