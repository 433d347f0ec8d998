using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class VdiImageTests
{
    [OracleFact("qemu-img")]
    public void Fixed_and_dynamic_read_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(51);
        foreach ((string options, string variant) in new[] { ("static=off", "dynamic"), ("static=on", "fixed") })
        {
            string path = folder.File("sample.vdi");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vdi", "-o", options, disk.WriteRaw(folder), path);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(ImageFormat.Vdi, image.Format);
            Assert.Equal(variant, image.Variant);
            Assert.Null(image.QemuObstacle);
            SampleDisk.AssertHolds(disk.Bytes, image);
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Allocated_ranges_are_the_written_blocks()
    {
        using TempFolder folder = new();
        string path = folder.File("sample.vdi");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vdi", path, "40G");
        ForeignTool.RunOk("qemu-io", "-f", "vdi", "-c", "write -P 1 30G 1M", "-c", "write -P 2 3M 2M", path);
        using DiskImage image = ImageDetector.Open(path);
        Assert.Equal([new BlockRange(3 << 20, 2 << 20), new BlockRange(30L << 30, 1 << 20)], image.AllocatedRanges());
    }

    [DataFact("other-disk/qemu-basic.vdi.gz")]
    public void Image_that_somebody_else_made_reads_as_qemu_reads_it()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.vdi"), SharedData.Read("other-disk/qemu-basic.vdi.gz"));
        RealImages.AssertAsQemu(folder, folder.File("disk.vdi"));
    }

    [OracleFact("qemu-img")]
    public void Kinds_that_are_not_read_and_damaged_maps_are_refused()
    {
        using TempFolder folder = new();
        string path = folder.File("sample.vdi");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vdi", new SampleDisk(52).WriteRaw(folder), path);
        (int Offset, byte Value, string ErrorId)[] changes =
        [
            (0x46, 0, "VdiVersionNotSupported"), (0x4C, 4, "VdiSnapshotNotSupported"), (0x4C, 3, "VdiSnapshotNotSupported"),
            (0x1A8, 1, "VdiSnapshotNotSupported"), (0x17C, 16, "VdiExtraDataNotSupported"), (0x200, 1, "VdiMapDamaged"),
            (0x201, 1, "VdiMapDamaged"), (0x180, 9, "VdiHeaderDamaged"),
        ];
        byte[] whole = File.ReadAllBytes(path);
        foreach ((int offset, byte value, string errorId) in changes)
        {
            byte[] changed = [.. whole];
            changed[offset] = value;
            File.WriteAllBytes(path, changed);
            Assert.Equal(errorId, Assert.ThrowsAny<Hyper2KvmException>(() => ImageDetector.Open(path)).ErrorId);
        }
    }
}
