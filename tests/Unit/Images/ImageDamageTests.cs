using System.Buffers.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Whatever is wrong with an image, the outcome is a typed error or the right data.</summary>
public class ImageDamageTests
{
    private const int Size = 300 * 1024;

    [OracleFact("qemu-img")]
    public void Every_bit_of_the_qcow2_header()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(8, Size);
        disk.WriteRaw(folder, "base.raw");
        string raw = new SampleDisk(9, Size).WriteRaw(folder, "top.raw");
        byte[] expected = File.ReadAllBytes(raw);
        foreach (string options in new[] { "cluster_size=4096", "cluster_size=65536", "cluster_size=65536,compression_type=zstd" })
        {
            string path = folder.File("image.qcow2");
            ForeignTool.RunOk("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", "-B", "base.raw", "-F", "raw", "-o", options, raw, path);
            FlipEachBit(path, 4, 108, expected, options);
        }

        // Not compressed: nothing but its bit tells an image of compressed extended entries from one of standard entries.
        string extended = folder.File("extended.qcow2");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", "extended_l2=on", "-B", "base.raw", "-F", "raw", raw, extended);
        FlipEachBit(extended, 4, 108, expected, "extended_l2");
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Every_bit_of_the_extensions_and_of_the_snapshot_table_of_a_qcow2()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(30, Size);
        string path = folder.File("image.qcow2");
        File.WriteAllBytes(folder.File("base.raw"), disk.Bytes);
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-F", "raw", "-b", "base.raw", path, $"{Size}");
        ForeignTool.RunOk("qemu-img", "snapshot", "-c", "old", path);
        ForeignTool.RunOk("qemu-io", "-c", "write -P 5 0 64k", path);
        disk.Bytes.AsSpan(0, 65536).Fill(5);
        byte[] bytes = File.ReadAllBytes(path);
        int name = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(12));
        FlipEachBit(path, 104, name + "base.raw".Length - 104, disk.Bytes, "header extensions and the name of the backing file");
        FlipEachBit(path, (int)BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(64)), 72, disk.Bytes, "snapshot table");
    }

    [OracleFact("qemu-img")]
    public void Every_bit_of_the_headers_and_parent_locators_of_differencing_disks()
    {
        using TempFolder folder = new();
        SampleDisk below = new(31, 4 << 20);
        SampleDisk above = new(32, 4 << 20);
        string parent = folder.File("parent.vhd");
        string child = folder.File("child.vhd");
        Convert("vpc", "force_size=on");
        byte[] expected = VhdImageTests.MakeChild(child, File.ReadAllBytes(parent), @".\parent.vhd", below.Bytes, above.Bytes);
        FlipEachBit(child, 512, 1024, expected, "VHD dynamic disk header with the parent's name");

        parent = folder.File("parent.vhdx");
        child = folder.File("child.vhdx");
        Convert("vhdx", "subformat=dynamic,block_size=1M");
        Guid id = new(VhdxImageTests.Header(File.ReadAllBytes(parent)).Slice(32, 16));
        expected = VhdxImageTests.MakeChild(child, id, @"D:\VMs\parent.vhdx", below.Bytes, above.Bytes);
        int locator = File.ReadAllBytes(child).AsSpan().IndexOf(new Guid("B04AEFB7-D19E-4A81-B789-25B8E9445913").ToByteArray());
        FlipEachBit(child, locator, 44, expected, "VHDX parent locator");
        FlipEachBit(child, locator + 256, 260, expected, "keys and values of a VHDX parent locator");

        void Convert(string format, string options)
        {
            foreach ((string path, SampleDisk disk) in new[] { (parent, below), (child, above) })
            {
                ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", format, "-o", options, disk.WriteRaw(folder), path);
            }
        }
    }

    [OracleFact("qemu-img")]
    public void Every_bit_of_the_vmdk_header_and_its_footer()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(10, Size);
        string raw = disk.WriteRaw(folder);
        foreach (string format in new[] { "monolithicSparse", "streamOptimized" })
        {
            string path = folder.File($"{format}.vmdk");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", $"subformat={format}", raw, path);
            FlipEachBit(path, 4, 76, disk.Bytes, format);
        }

        string stream = folder.File("streamOptimized.vmdk");
        VmdkImageTests.MoveDirectoryToFooter(stream);
        FlipEachBit(stream, 4, 76, disk.Bytes, "header with a footer");
        FlipEachBit(stream, new FileInfo(stream).Length - 1536, 16, disk.Bytes, "footer marker");
        FlipEachBit(stream, new FileInfo(stream).Length - 1024, 80, disk.Bytes, "footer");
    }

    [Fact]
    public void Every_bit_of_vmdk_descriptors_and_of_the_headers_of_their_extents()
    {
        using TempFolder folder = new();
        byte[] disk = new SampleDisk(18, Size).Bytes;
        byte[] parent = new SampleDisk(19, Size).Bytes;
        const int Half = Size / 2;
        const int Sectors = Half / 512;
        File.WriteAllBytes(folder.File("base-f001.vmdk"), parent[..Half]);
        File.WriteAllBytes(folder.File("base-f002.vmdk"), parent[Half..]);
        File.WriteAllBytes(folder.File("top-s001.vmdk"), EsxExtents.Cowd(disk[..Half], 1, _ => true));
        File.WriteAllBytes(folder.File("top-s002.vmdk"), EsxExtents.SeSparse(disk[Half..], _ => 3));
        string[] descriptors =
        [
            EsxExtents.Descriptor("twoGbMaxExtentFlat", $"RW {Sectors} FLAT \"base-f001.vmdk\" 0\nRW {Sectors} FLAT \"base-f002.vmdk\" 0"),
            EsxExtents.Descriptor(
                "vmfsSparse", $"RW {Sectors} VMFSSPARSE \"top-s001.vmdk\"\nRW {Sectors} SESPARSE \"top-s002.vmdk\"", "2", "11111111", "base.vmdk"),
        ];
        File.WriteAllText(folder.File("base.vmdk"), descriptors[0]);
        File.WriteAllText(folder.File("top.vmdk"), descriptors[1]);
        FlipEachBit(folder.File("base.vmdk"), 22, descriptors[0].Length - 22, parent, "flat descriptor");
        FlipEachBit(folder.File("top.vmdk"), 22, descriptors[1].Length - 22, disk, "snapshot's descriptor");
        FlipEachBit(folder.File("top-s001.vmdk"), 0, 32, disk, "COWD header", folder.File("top.vmdk"));
        FlipEachBit(folder.File("top-s002.vmdk"), 0, 128, disk, "seSparse header", folder.File("top.vmdk"));

        // Nothing in the file tells a grain directory that lies a few sectors off, among zeros, from an empty one: bytes 128 to 135.
        FlipEachBit(folder.File("top-s002.vmdk"), 136, 544 - 136, disk, "seSparse header and volatile header", folder.File("top.vmdk"));
    }

    [Fact]
    public void Extents_of_ESX_cut_anywhere_and_with_random_bytes()
    {
        using TempFolder folder = new();
        byte[] disk = new SampleDisk(20, Size).Bytes;
        (string Type, byte[] Extent)[] kinds =
        [
            ("VMFSSPARSE", EsxExtents.Cowd(disk, 1, _ => true)), ("SESPARSE", EsxExtents.SeSparse(disk, _ => 3)), ("FLAT", disk),
        ];
        Random random = new(21);
        byte[] content = new byte[Size];
        foreach ((string type, byte[] extent) in kinds)
        {
            string offset = type == "FLAT" ? " 0" : "";
            File.WriteAllText(folder.File("d.vmdk"), EsxExtents.Descriptor("vmfs", $"RW {Size / 512} {type} \"x.bin\"{offset}"));
            for (int i = 0; i < 150; i++)
            {
                int length = i < 20 ? i * 64 : random.Next(extent.Length);
                File.WriteAllBytes(folder.File("x.bin"), extent[..length]);
                Assert.True(IsTypedOrRight(folder.File("d.vmdk"), disk), $"{type} cut to {length} of {extent.Length}: wrong data");
                byte[] damaged = [.. extent];
                for (int n = 0; n < 40; n++)
                {
                    damaged[random.Next(i % 2 == 0 ? 512 : 2048, Math.Min(64 * 1024, damaged.Length))] ^= (byte)(1 << random.Next(8));
                }

                File.WriteAllBytes(folder.File("x.bin"), damaged);
                TryRead(folder.File("d.vmdk"), content);
            }
        }
    }

    [OracleFact("qemu-img")]
    public void Every_bit_of_the_headers_of_vhd_vhdx_and_vdi()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(18, (1 << 20) + 4096);
        string raw = disk.WriteRaw(folder);
        string path = folder.File("image");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "force_size=on", raw, path);
        FlipEachBit(path, 0, 96, disk.Bytes, "VHD copy of the footer");
        FlipEachBit(path, 512, 80, disk.Bytes, "VHD dynamic disk header");
        FlipEachBit(path, new FileInfo(path).Length - 512, 96, disk.Bytes, "VHD footer");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "force_size=on,subformat=fixed", raw, path);
        FlipEachBit(path, new FileInfo(path).Length - 504, 96, disk.Bytes, "footer of a fixed VHD");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vdi", raw, path);
        FlipEachBit(path, 0x44, 16, disk.Bytes, "VDI header");
        FlipEachBit(path, 0x154, 0xBC, disk.Bytes, "VDI header");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vhdx", "-o", "block_size=1M", raw, path);
        FlipEachBit(path, 65536, 80, disk.Bytes, "VHDX header");
        FlipEachBit(path, 131072, 80, disk.Bytes, "VHDX second header");
        FlipEachBit(path, 196608, 80, disk.Bytes, "VHDX region table");
        int metadata = File.ReadAllBytes(path).AsSpan().IndexOf("metadata"u8);
        FlipEachBit(path, metadata, 192, disk.Bytes, "VHDX metadata table");
        FlipEachBit(path, metadata + 65536, 48, disk.Bytes, "VHDX metadata items");
    }

    [OracleFact("qemu-img")]
    public void Two_entries_of_a_block_table_that_lead_to_one_block_are_refused_when_the_image_is_opened()
    {
        using TempFolder folder = new();
        string raw = folder.File("disk.raw");
        byte[] disk = new byte[6 << 20];
        new Random(22).NextBytes(disk);
        File.WriteAllBytes(raw, disk);
        string path = folder.File("image");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "force_size=on", raw, path);
        Repeat(path, 1536, 4);
        Assert.Equal("VhdTableDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vhdx", "-o", "block_size=1M", raw, path);
        Repeat(path, VhdxTable(path), 8);
        Assert.Equal("VhdxBatDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
    }

    /// <summary>The place of the block allocation table as the region table has it.</summary>
    private static int VhdxTable(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int entry = bytes.AsSpan().IndexOf(new Guid("2DC27766-F623-4200-9D64-115E9BFD4A08").ToByteArray());
        return (int)BitConverter.ToInt64(bytes, entry + 16);
    }

    /// <summary>Makes the second entry of a table what the first is.</summary>
    private static void Repeat(string path, int place, int size)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(place, size).CopyTo(bytes.AsSpan(place + size));
        File.WriteAllBytes(path, bytes);
    }

    [OracleFact("qemu-img")]
    public void Images_cut_anywhere()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(11, Size);
        string raw = disk.WriteRaw(folder);
        string[][] variants =
        [
            ["qcow2"], ["qcow2", "-c"], ["qcow2", "-c", "-o", "compression_type=zstd"], ["qcow2", "-o", "cluster_size=512"],
            ["vmdk"], ["vmdk", "-o", "subformat=streamOptimized"],
            ["vpc", "-o", "force_size=on"], ["vhdx"], ["vdi"],
        ];
        foreach (string[] variant in variants)
        {
            string path = folder.File("image");
            ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", .. variant, raw, path]);
            byte[] whole = File.ReadAllBytes(path);
            Random random = new(12);
            int[] headerCuts = [0, 1, 4, 8, 71, 72, 100, 104, 511, 512];
            for (int i = 0; i < 60; i++)
            {
                int length = i < headerCuts.Length ? headerCuts[i]
                    : i < 30 ? whole.Length - 1 - ((i - headerCuts.Length) * 97)
                    : random.Next(520, whole.Length);
                File.WriteAllBytes(path, whole[..length]);
                Assert.True(IsTypedOrRight(path, disk.Bytes), $"{string.Join(' ', variant)} cut to {length} of {whole.Length}: wrong data");
            }
        }
    }

    [OracleFact("qemu-img")]
    public void Tables_and_compressed_data_with_random_bytes_never_crash()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(13, Size);
        string raw = disk.WriteRaw(folder);
        string[][] variants =
        [
            ["qcow2"], ["qcow2", "-c"], ["qcow2", "-c", "-o", "compression_type=zstd"], ["vmdk"], ["vmdk", "-o", "subformat=streamOptimized"],
            ["vpc", "-o", "force_size=on"], ["vdi"], ["vhdx", "-o", "block_size=1M"],
            ["vpc", "-o", "force_size=on"], ["vhdx"], ["vdi"],
        ];
        foreach (string[] variant in variants)
        {
            string path = folder.File("image");
            ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", .. variant, raw, path]);
            byte[] whole = File.ReadAllBytes(path);
            Random random = new(14);
            byte[] content = new byte[Size];
            for (int i = 0; i < 80; i++)
            {
                byte[] damaged = [.. whole];
                for (int n = 0; n < 40; n++)
                {
                    damaged[512 + random.Next(damaged.Length - 512)] ^= (byte)(1 << random.Next(8));
                }

                File.WriteAllBytes(path, damaged);
                TryRead(path, content);
            }
        }
    }

    private static void FlipEachBit(string path, long start, int count, byte[] expected, string what, string? image = null)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<string> wrong = [];
        for (int bit = 0; bit < count * 8; bit++)
        {
            long place = start + (bit / 8);
            Patch(path, place, (byte)(bytes[place] ^ (1 << (bit % 8))));
            if (!IsTypedOrRight(image ?? path, expected))
            {
                wrong.Add($"byte {place} bit {bit % 8}");
            }

            Patch(path, place, bytes[place]);
        }

        Assert.True(wrong.Count == 0, $"{what}: wrong data after a flip of {string.Join(", ", wrong)}");
    }

    private static void Patch(string path, long place, byte value)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write);
        stream.Position = place;
        stream.WriteByte(value);
    }

    private static bool IsTypedOrRight(string path, byte[] expected)
    {
        byte[] actual = new byte[expected.Length];
        int common = (int)Math.Min(TryRead(path, actual), expected.Length);
        return common < 0 || expected.AsSpan(0, common).SequenceEqual(actual.AsSpan(0, common));
    }

    /// <returns>The disk's length, or -1 when the image was refused.</returns>
    private static long TryRead(string path, byte[] content)
    {
        try
        {
            using DiskImage image = ImageDetector.Open(path);
            image.Read(0, content.AsSpan(0, (int)Math.Min(content.Length, image.Length)));
            return image.Length;
        }
        catch (Hyper2KvmException)
        {
            return -1;
        }
    }
}
