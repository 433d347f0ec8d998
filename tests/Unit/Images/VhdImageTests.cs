using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class VhdImageTests
{
    private const int Block = 2 * 1024 * 1024;

    [OracleFact("qemu-img")]
    public void Fixed_and_dynamic_read_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(31);
        foreach (string subformat in new[] { "fixed", "dynamic" })
        {
            string path = Convert(folder, disk, subformat);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(ImageFormat.Vhd, image.Format);
            Assert.Equal(subformat, image.Variant);
            Assert.Null(image.QemuObstacle);
            SampleDisk.AssertHolds(disk.Bytes, image);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Allocated_ranges_are_the_written_blocks()
    {
        using TempFolder folder = new();
        string path = folder.File("sample.vhd");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vpc", "-o", "force_size=on", path, "1G");
        ForeignTool.RunOk("qemu-io", "-f", "vpc", "-c", "write -P 1 3M 1", "-c", "write -P 2 700M 3M", path);
        using DiskImage image = ImageDetector.Open(path);
        Assert.Equal([new BlockRange(Block, Block), new BlockRange(700 << 20, 2 * Block)], image.AllocatedRanges());
    }

    [DataFact("vhd/hyperv-dynamic-10M.vhd.gz")]
    public void Image_that_Hyper_V_made_reads_as_qemu_reads_it()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.vhd"), SharedData.Read("vhd/hyperv-dynamic-10M.vhd.gz"));
        RealImages.AssertAsQemu(folder, folder.File("disk.vhd"));
        using DiskImage image = ImageDetector.Open(folder.File("disk.vhd"));
        Assert.Equal(10 << 20, image.Length);
        Assert.Equal(image.Length, image.QemuLength);
    }

    [DataFact("vhd/win10-differential.vhd.gz")]
    public void Missing_parent_is_told_by_its_names()
    {
        using TempFolder folder = new();
        string path = folder.File("child.vhd");
        File.WriteAllBytes(path, SharedData.Read("vhd/win10-differential.vhd.gz"));
        GuestItemNotFoundException error = Assert.Throws<GuestItemNotFoundException>(() => ImageDetector.Open(path));
        Assert.Equal("BackingFileMissing", error.ErrorId);
        Assert.Contains(@"'.\fat-parent.vhd' or 'C:\Projects\dfvfs\test_data\fat-parent.vhd'", error.Message, StringComparison.Ordinal);

        ForeignTool.RunOk("qemu-img", "create", "-f", "vpc", "-o", "force_size=on", folder.File("fat-parent.vhd"), "4M");
        DiskFormatException changed = Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path));
        Assert.Equal("BackingFileChanged", changed.ErrorId);
        Assert.Contains("fat-parent.vhd", changed.Message, StringComparison.Ordinal);
    }

    [OracleFact("qemu-img")]
    public void Differencing_disk_takes_each_sector_from_where_its_bitmap_says()
    {
        using TempFolder folder = new();
        SampleDisk below = new(32);
        SampleDisk above = new(33);
        File.Move(Convert(folder, below, "dynamic"), folder.File("parent.vhd"));
        string child = Convert(folder, above, "dynamic");
        byte[] expected = MakeChild(child, File.ReadAllBytes(folder.File("parent.vhd")), @"C:\Disks\parent.vhd", below.Bytes, above.Bytes);
        using (DiskImage image = ImageDetector.Open(child))
        {
            Assert.Equal("differencing", image.Variant);
            Assert.Equal([child, folder.File("parent.vhd")], image.Files);
            Assert.Contains("differencing", image.QemuObstacle, StringComparison.Ordinal);
            SampleDisk.AssertHolds(expected, image);
        }

        byte[] footer = File.ReadAllBytes(child);
        MakeParent(footer, footer, @".\sample.vhd");
        File.WriteAllBytes(child, footer);
        Assert.Equal("BackingChainCyclic", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(child)).ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Footer_that_is_lost_is_replaced_by_its_copy_and_one_of_511_bytes_is_known()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(34);
        string path = Convert(folder, disk, "dynamic");
        byte[] whole = File.ReadAllBytes(path);
        byte[] damaged = [.. whole];
        damaged[^400] ^= 1;
        AssertHolds(path, damaged, disk, null);
        damaged = [.. whole];
        damaged[100] ^= 1;
        AssertHolds(path, damaged, disk, "start");
        damaged[^400] ^= 1;
        File.WriteAllBytes(path, damaged);
        Assert.Equal("VhdFooterDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);

        byte[] old = File.ReadAllBytes(Convert(folder, disk, "fixed"));
        AssertHolds(path, old[..^1], disk, "511");
    }

    [OracleFact("qemu-img")]
    public void Size_is_the_current_size_and_qemu_sees_whole_cylinders_of_other_creators()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(35, 9 << 20);
        string path = Convert(folder, disk, "fixed");
        byte[] bytes = File.ReadAllBytes(path);
        foreach ((string creator, bool byGeometry) in new[] { ("vpc ", true), ("vbox", true), ("win ", false), ("d2v ", false), ("tap\0", false) })
        {
            Encoding.ASCII.GetBytes(creator).CopyTo(bytes, bytes.Length - 512 + 28);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 512 + 56), (270u << 16) | (4 << 8) | 17); // 9400320 bytes
            Seal(bytes.AsSpan(bytes.Length - 512), 64);
            File.WriteAllBytes(path, bytes);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(9 << 20, image.Length);
            Assert.Equal(byGeometry ? 270 * 4 * 17 * 512 : 9 << 20, image.QemuLength);
            string info = ForeignTool.RunOk("qemu-img", "info", "-f", "vpc", path);
            Assert.Contains($"({image.QemuLength} bytes)", info, StringComparison.Ordinal);
        }
    }

    /// <summary>Makes of a dynamic disk a differencing one whose odd sectors of the first block, and all of the others, are its own.</summary>
    internal static byte[] MakeChild(string path, byte[] parent, string name, byte[] below, byte[] above)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int table = (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(512 + 16));
        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(table));
        bytes.AsSpan((int)first * 512, 512).Fill(0x55);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(table + 4), uint.MaxValue); // the second block is the parent's
        MakeParent(bytes, parent, name);
        File.WriteAllBytes(path, bytes);
        byte[] expected = [.. above];
        below.AsSpan(Block, Block).CopyTo(expected.AsSpan(Block));
        for (int sector = 0; sector < Block; sector += 1024)
        {
            below.AsSpan(sector, 512).CopyTo(expected.AsSpan(sector));
        }

        return expected;
    }

    private static void MakeParent(byte[] child, byte[] parent, string name)
    {
        Guid.NewGuid().ToByteArray().CopyTo(child, 68);
        child[63] = 4;
        Seal(child.AsSpan(0, 512), 64);
        child.AsSpan(0, 512).CopyTo(child.AsSpan(child.Length - 512));
        Span<byte> header = child.AsSpan(512, 1024);
        parent.AsSpan(68, 16).CopyTo(header[40..]);
        header[64..(64 + 512)].Clear();
        Encoding.BigEndianUnicode.GetBytes(name).CopyTo(header[64..]);
        Seal(header, 36);
    }

    private static void Seal(Span<byte> structure, int field)
    {
        structure.Slice(field, 4).Clear();
        uint sum = 0;
        foreach (byte value in structure)
        {
            sum += value;
        }

        BinaryPrimitives.WriteUInt32BigEndian(structure[field..], ~sum);
    }

    private static void AssertHolds(string path, byte[] file, SampleDisk disk, string? obstacle)
    {
        File.WriteAllBytes(path, file);
        using DiskImage image = ImageDetector.Open(path);
        SampleDisk.AssertHolds(disk.Bytes, image);
        Assert.Contains(obstacle ?? "", image.QemuObstacle ?? "", StringComparison.Ordinal);
        Assert.Equal(obstacle is null, image.QemuObstacle is null);
    }

    private static string Convert(TempFolder folder, SampleDisk disk, string subformat)
    {
        string path = folder.File("sample.vhd");
        ForeignTool.RunOk(
            "qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", $"subformat={subformat},force_size=on", disk.WriteRaw(folder), path);
        return path;
    }
}
