using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Disks whose descriptor is a file of its own.</summary>
public class VmdkExtentsTests
{
    private const int Part = 1 << 20;

    [OracleFact("qemu-img")]
    public void Small_disks_of_each_kind_read_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(31, (10 << 20) + (5 * 512));
        string raw = disk.WriteRaw(folder);
        foreach (string kind in new[] { "monolithicFlat", "twoGbMaxExtentFlat", "twoGbMaxExtentSparse" })
        {
            string path = folder.File($"{kind}.vmdk");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", $"subformat={kind}", raw, path);
            using DiskImage image = ImageDetector.Open(path);
            SampleDisk.AssertHolds(disk.Bytes, image);
            Assert.Equal(kind, image.Variant);
            Assert.Equal(path, image.Path);
            Assert.Equal(2, image.Files.Count);
            Assert.All(image.Files, file => Assert.True(File.Exists(file)));
        }
    }

    [OracleFact("qemu-img")]
    public void Disks_of_several_extents_read_across_their_borders()
    {
        using TempFolder folder = new();
        const long Size = (4L << 30) + (300 << 20);
        long[] places = [0, (2L << 30) - (Part / 2), (4L << 30) - (Part / 2), Size - Part];
        byte[] part = new byte[Part];
        new Random(32).NextBytes(part);
        using (FileStream raw = File.Create(folder.File("disk.raw")))
        {
            raw.SetLength(Size);
            foreach (long place in places)
            {
                raw.Position = place;
                raw.Write(part);
            }
        }

        foreach (string kind in new[] { "twoGbMaxExtentFlat", "twoGbMaxExtentSparse" })
        {
            string path = folder.File($"{kind}.vmdk");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", $"subformat={kind}", folder.File("disk.raw"), path);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(Size, image.Length);
            Assert.Equal(4, image.Files.Count);
            byte[] read = new byte[Part];
            foreach (long place in places)
            {
                image.Read(place, read);
                Assert.True(part.AsSpan().SequenceEqual(read), $"{kind} at {place}");
            }

            image.Read((3L << 30) - 77, read);
            Assert.False(read.AsSpan().ContainsAnyExcept((byte)0));
            long held = image.AllocatedRanges().Sum(range => range.Length);
            Assert.Equal(kind == "twoGbMaxExtentFlat" ? Size : 4 * Part, held);
        }
    }

    [DataFact("vmdk/twoGbMaxExtentSparse.vmdk", "vmdk/twoGbMaxExtentSparse-s001.vmdk.gz", "vmdk/monolithicFlat.vmdk", "vmdk/monolithicSparse.vmdk.gz")]
    public void Descriptors_that_VMware_made_lead_to_the_known_content()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("twoGbMaxExtentSparse-s001.vmdk"), SharedData.Read("vmdk/twoGbMaxExtentSparse-s001.vmdk.gz"));
        File.Copy(SharedData.PathOf("vmdk/twoGbMaxExtentSparse.vmdk"), folder.File("sparse.vmdk"));
        byte[] content = Content(folder.File("sparse.vmdk"));
        Assert.Equal(VmdkImageTests.RealContent, Convert.ToHexStringLower(SHA256.HashData(content)));

        File.Copy(SharedData.PathOf("vmdk/monolithicFlat.vmdk"), folder.File("monolithicFlat.vmdk"));
        GuestItemNotFoundException missing = Assert.Throws<GuestItemNotFoundException>(() => ImageDetector.Open(folder.File("monolithicFlat.vmdk")));
        Assert.Equal("VmdkExtentMissing", missing.ErrorId);
        Assert.Contains("monolithicFlat-flat.vmdk", missing.Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("monolithicFlat-flat.vmdk"), content);
        Assert.Equal(content, Content(folder.File("monolithicFlat.vmdk")));
    }

    [OracleFact("qemu-img")]
    public void Extents_of_ESX_read_as_QEMU_reads_them()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(33, (20 << 20) + 4096);
        int sectors = disk.Bytes.Length / 512;
        (string Name, string Type, string Line, byte[] Extent)[] kinds =
        [
            ("vmfs", "vmfs", "VMFS", disk.Bytes),
            ("cowd1", "vmfsSparse", "VMFSSPARSE", EsxExtents.Cowd(disk.Bytes, 1, _ => true)),
            ("cowd8", "vmfsSparse", "VMFSSPARSE", EsxExtents.Cowd(disk.Bytes, 8, grain => grain % 3 != 1)),
            ("se", "seSparse", "SESPARSE", EsxExtents.SeSparse(disk.Bytes, _ => 3)),
            ("se-zeros", "seSparse", "SESPARSE", EsxExtents.SeSparse(disk.Bytes, grain => grain % 4)),
        ];
        foreach ((string name, string type, string line, byte[] extent) in kinds)
        {
            string path = folder.File($"{name}.vmdk");
            File.WriteAllBytes(folder.File($"{name} of a disk.vmdk"), extent);
            File.WriteAllText(path, EsxExtents.Descriptor(type, $"RW {sectors} {line} \"{name} of a disk.vmdk\""));
            RealImages.AssertAsQemu(folder, path);
            if (name is "vmfs" or "cowd1" or "se")
            {
                using DiskImage image = ImageDetector.Open(path);
                SampleDisk.AssertHolds(disk.Bytes, image);
            }
        }
    }

    [Fact]
    public void Zero_and_read_only_extents_and_parts_of_one_file_make_a_disk()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(34, 64 * 512);
        disk.WriteRaw(folder, "data \"x\".bin");
        File.WriteAllText(folder.File("d.vmdk"), EsxExtents.Descriptor(
            "vmfs",
            "RW 16 FLAT \"data \"x\".bin\" 8\r\nRW 8 ZERO\r\nRDONLY 8\tVMFS \"data \"x\".bin\"\r\nRW 4 FLAT \"data \"x\".bin\" 24"));
        byte[] expected = [.. disk.Bytes[(8 * 512)..(24 * 512)], .. new byte[8 * 512], .. disk.Bytes[..(8 * 512)], .. disk.Bytes[(24 * 512)..(28 * 512)]];
        using DiskImage image = ImageDetector.Open(folder.File("d.vmdk"));
        SampleDisk.AssertHolds(expected, image);
        Assert.Equal([folder.File("d.vmdk"), folder.File("data \"x\".bin")], image.Files);
        Assert.Equal([new BlockRange(0, 16 * 512), new BlockRange(24 * 512, 12 * 512)], image.AllocatedRanges());
    }

    [Fact]
    public void Names_in_an_older_encoding_are_found()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(35, 8 * 512);
        disk.WriteRaw(folder, "Größe-flat.vmdk");
        string text = EsxExtents.Descriptor("monolithicFlat", "RW 8 FLAT \"Größe-flat.vmdk\" 0").Replace("UTF-8", "windows-1252", StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("d.vmdk"), Encoding.Latin1.GetBytes(text));
        Assert.Equal(disk.Bytes, Content(folder.File("d.vmdk")));
    }

    [Theory]
    [InlineData("RW 8 FLAT \"../x.bin\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"..\\x.bin\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"/etc/passwd\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"C:x.bin\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"\\\\.\\PhysicalDrive0\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"..\" 0", "VmdkExtentElsewhere")]
    [InlineData("RW 8 FLAT \"gone.bin\" 0", "VmdkExtentMissing")]
    [InlineData("RW 8 FLAT \"x.bin\"", "VmdkDescriptorDamaged")]
    [InlineData("RW 8 FLAT \"x.bin\" -1", "VmdkDescriptorDamaged")]
    [InlineData("RW 8 FLAT \"\" 0", "VmdkDescriptorDamaged")]
    [InlineData("RW 8 FLAT x.bin 0", "VmdkDescriptorDamaged")]
    [InlineData("RW 0 FLAT \"x.bin\" 0", "VmdkDescriptorDamaged")]
    [InlineData("RW 99999999999999999999 FLAT \"x.bin\" 0", "VmdkDescriptorDamaged")]
    [InlineData("RW 4503599627370495 ZERO\nRW 4503599627370495 ZERO", "VmdkDescriptorDamaged")]
    [InlineData("RW 8 FLAT \"x.bin\" 4503599627370495", "VmdkImageTruncated")]
    [InlineData("RW 9 FLAT \"x.bin\" 0", "VmdkImageTruncated")]
    [InlineData("RW 4 FLAT \"x.bin\" 0\nRW 1 ZERO", "VmdkDescriptorDamaged")]
    [InlineData("RW 4 FLAT \"x.bin\" 0\nRW 4 FLAT \"x.bin\" 3", "VmdkDescriptorDamaged")]
    [InlineData("WR 8 FLAT \"x.bin\" 0\nRW 8 ZERO", "VmdkDescriptorDamaged")]
    [InlineData("NOACCESS 8 FLAT \"x.bin\" 0", "VmdkTypeNotSupported")]
    [InlineData("RW 8 VMFSRDM \"x.bin\"", "VmdkTypeNotSupported")]
    [InlineData("RW 8 SPARSE \"x.bin\"", "VmdkHeaderDamaged")]
    [InlineData("RW 8 SESPARSE \"x.bin\"", "VmdkHeaderDamaged")]
    [InlineData("", "VmdkDescriptorDamaged")]
    public void Extents_that_cannot_be_are_refused(string lines, string errorId)
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("x.bin"), new byte[8 * 512]);
        File.WriteAllText(folder.File("d.vmdk"), EsxExtents.Descriptor("monolithicFlat", lines));
        Assert.Equal(errorId, Assert.ThrowsAny<Hyper2KvmException>(() => ImageDetector.Open(folder.File("d.vmdk"))).ErrorId);
        foreach (string file in new[] { "x.bin", "d.vmdk" })
        {
            using FileStream exclusive = new(folder.File(file), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
    }

    [Fact]
    public void Kinds_that_are_no_files_are_refused_by_name()
    {
        using TempFolder folder = new();
        foreach (string type in new[] { "fullDevice", "vmfsRawDeviceMap", "vmfsPassthroughRawDeviceMap", "partitionedDevice", "custom" })
        {
            File.WriteAllText(folder.File("d.vmdk"), EsxExtents.Descriptor(type, "RW 8 ZERO"));
            UnsupportedFeatureException error = Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("d.vmdk")));
            Assert.Equal("VmdkTypeNotSupported", error.ErrorId);
            Assert.Contains(type, error.Message, StringComparison.Ordinal);
        }
    }

    [OracleFact("qemu-img")]
    public void An_extent_alone_is_refused_with_the_name_of_its_descriptor()
    {
        using TempFolder folder = new();
        byte[] disk = new byte[64 * 512];
        string sparse = folder.File("two.vmdk");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", sparse, "1M");
        (string File, byte[]? Bytes)[] extents =
        [
            ("two-s001.vmdk", null), ("a-flat.vmdk", disk), ("a-f001.vmdk", disk),
            ("a-000001-delta.vmdk", EsxExtents.Cowd(disk, 1, _ => true)), ("a-000001-sesparse.vmdk", EsxExtents.SeSparse(disk, _ => 3)),
        ];
        foreach ((string file, byte[]? bytes) in extents)
        {
            string path = folder.File(file);
            if (bytes is not null)
            {
                File.WriteAllBytes(path, bytes);
                Assert.Contains("small text file", Alone(path), StringComparison.Ordinal);
            }

            string descriptor = path[..path.LastIndexOf('-')] + ".vmdk";
            if (descriptor != sparse)
            {
                File.WriteAllText(descriptor, EsxExtents.Descriptor("vmfs", "RW 64 ZERO"));
            }

            Assert.Contains($"Name its descriptor: '{descriptor}'", Alone(path), StringComparison.Ordinal);
            File.Delete(descriptor);
        }
    }

    private static string Alone(string path)
    {
        UnsupportedFeatureException error = Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(path));
        Assert.Equal("VmdkExtentAlone", error.ErrorId);
        return error.Remedy!;
    }

    private static byte[] Content(string path)
    {
        using DiskImage image = ImageDetector.Open(path);
        byte[] content = new byte[image.Length];
        image.Read(0, content);
        return content;
    }
}
