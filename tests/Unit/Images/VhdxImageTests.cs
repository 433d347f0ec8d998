using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class VhdxImageTests
{
    private const int Megabyte = 1 << 20;

    [OracleFact("qemu-img")]
    public void Fixed_and_dynamic_read_byte_for_byte()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(41);
        foreach (string options in new[] { "subformat=dynamic", "subformat=dynamic,block_size=1M", "subformat=fixed", "log_size=2M" })
        {
            string path = Convert(folder, disk, options);
            using DiskImage image = ImageDetector.Open(path);
            Assert.Equal(ImageFormat.Vhdx, image.Format);
            Assert.Null(image.QemuObstacle);
            SampleDisk.AssertHolds(disk.Bytes, image);
        }
    }

    [DataFact("vhdx/hyperv-dynamic-10M.vhdx.gz", "vhdx/win-5M.vhdx.gz", "vhdx/swap-10G.vhdx.gz")]
    public void Images_that_Windows_made_read_as_qemu_reads_them()
    {
        using TempFolder folder = new();
        foreach (string name in new[] { "hyperv-dynamic-10M", "win-5M" })
        {
            File.WriteAllBytes(folder.File("disk.vhdx"), SharedData.Read($"vhdx/{name}.vhdx.gz"));
            RealImages.AssertAsQemu(folder, folder.File("disk.vhdx"));
        }

        File.WriteAllBytes(folder.File("disk.vhdx"), SharedData.Read("vhdx/swap-10G.vhdx.gz"));
        using DiskImage image = ImageDetector.Open(folder.File("disk.vhdx"));
        Assert.Equal(10L << 30, image.Length);
        Assert.Equal("dynamic", image.Variant);
    }

    [DataFact("vhdx/win10-15063-dirtylog.vhdx.gz")]
    public void Log_is_replayed_in_memory_as_qemu_replays_it_in_the_file()
    {
        using TempFolder folder = new();
        byte[] bytes = SharedData.Read("vhdx/win10-15063-dirtylog.vhdx.gz");
        string path = folder.File("dirty.vhdx");
        File.WriteAllBytes(path, bytes);
        File.WriteAllBytes(folder.File("repaired.vhdx"), bytes);
        ForeignTool.RunOk("qemu-img", "check", "-r", "all", folder.File("repaired.vhdx"));
        using (DiskImage image = ImageDetector.Open(path))
        {
            using DiskImage repaired = ImageDetector.Open(folder.File("repaired.vhdx"));
            Assert.Contains("log", image.QemuObstacle, StringComparison.Ordinal);
            Assert.Null(repaired.QemuObstacle);
            Assert.Equal(repaired.AllocatedRanges(), image.AllocatedRanges());
            Assert.Equal(Hash(repaired), Hash(image));
        }

        Assert.Equal(bytes, File.ReadAllBytes(path));
        int log = 1 << 20;
        Assert.Equal("loge"u8.ToArray(), bytes[log..(log + 4)]);
        for (int place = log; place < log + Megabyte; place += 4096)
        {
            bytes[place + 100] ^= 1;
        }

        File.WriteAllBytes(path, bytes);
        Assert.Equal("VhdxLogDamaged", Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
    }

    [OracleFact("qemu-img")]
    public void Log_that_goes_round_its_end_is_replayed_in_order()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(46, 4 << 20);
        string path = MakeDirty(folder, disk);
        File.Copy(path, folder.File("repaired.vhdx"));
        ForeignTool.RunOk("qemu-img", "check", "-r", "all", folder.File("repaired.vhdx"));
        using DiskImage image = ImageDetector.Open(path);
        using DiskImage repaired = ImageDetector.Open(folder.File("repaired.vhdx"));
        Assert.Null(repaired.QemuObstacle);
        byte[] expected = new byte[repaired.Length];
        repaired.Read(0, expected);
        Assert.False(disk.Bytes.AsSpan().SequenceEqual(expected));
        SampleDisk.AssertHolds(expected, image);
        ForeignTool.RunOk("qemu-img", "convert", "-f", "vhdx", "-O", "raw", folder.File("repaired.vhdx"), folder.File("repaired.raw"));
        Assert.Equal(expected, File.ReadAllBytes(folder.File("repaired.raw")));
    }

    [OracleFact("qemu-img")]
    public void Disk_of_4096_byte_sectors_says_so()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(42, 8 << 20);
        string path = Convert(folder, disk, "subformat=dynamic,block_size=1M");
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ItemOf(bytes, "8141BF1D-A96F-4709-BA47-F233A8FAAB5F")), 4096);
        File.WriteAllBytes(path, bytes);
        using DiskImage image = ImageDetector.Open(path);
        Assert.Equal(4096, image.SectorSize);
        Assert.Contains("4096", image.QemuObstacle, StringComparison.Ordinal);
        Assert.NotEqual(0, ForeignTool.Run("qemu-img", "info", path).ExitCode);
        SampleDisk.AssertHolds(disk.Bytes, image);
    }

    [OracleFact("qemu-img")]
    public void Differencing_disk_takes_each_sector_from_where_its_tables_say()
    {
        using TempFolder folder = new();
        SampleDisk below = new(43, 8 << 20);
        SampleDisk above = new(44, 8 << 20);
        File.Move(Convert(folder, below, "subformat=dynamic,block_size=1M"), folder.File("parent.vhdx"));
        string child = Convert(folder, above, "subformat=dynamic,block_size=1M");
        byte[] parent = File.ReadAllBytes(folder.File("parent.vhdx"));
        byte[] expected = MakeChild(child, new Guid(Header(parent).Slice(32, 16)), @"D:\VMs\parent.vhdx", below.Bytes, above.Bytes);
        using (DiskImage image = ImageDetector.Open(child))
        {
            Assert.Equal("differencing", image.Variant);
            Assert.Equal([child, folder.File("parent.vhdx")], image.Files);
            Assert.Contains("differencing", image.QemuObstacle, StringComparison.Ordinal);
            SampleDisk.AssertHolds(expected, image);
        }

        File.Delete(folder.File("parent.vhdx"));
        GuestItemNotFoundException missing = Assert.Throws<GuestItemNotFoundException>(() => ImageDetector.Open(child));
        Assert.Equal("BackingFileMissing", missing.ErrorId);
        Assert.Contains(@"D:\VMs\parent.vhdx", missing.Message, StringComparison.Ordinal);

        foreach (int header in new[] { 65536, 131072 })
        {
            parent[header + 32] ^= 1;
            Seal(parent.AsSpan(header, 4096));
        }

        File.WriteAllBytes(folder.File("parent.vhdx"), parent);
        DiskFormatException changed = Assert.Throws<DiskFormatException>(() => ImageDetector.Open(child));
        Assert.Equal("BackingFileChanged", changed.ErrorId);
        Assert.Contains(folder.File("parent.vhdx"), changed.Message, StringComparison.Ordinal);
    }

    [OracleFact("qemu-img")]
    public void Damaged_header_and_region_table_are_replaced_by_their_copies()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(45);
        string path = Convert(folder, disk, "block_size=1M");
        byte[] whole = File.ReadAllBytes(path);
        (int First, int Second, string ErrorId)[] pairs =
            [(65536, 131072, "VhdxHeaderDamaged"), (196608, 262144, "VhdxRegionTableDamaged")];
        foreach ((int first, int second, string errorId) in pairs)
        {
            byte[] damaged = [.. whole];
            damaged[first + 2000] ^= 1;
            File.WriteAllBytes(path, damaged);
            using (DiskImage image = ImageDetector.Open(path))
            {
                SampleDisk.AssertHolds(disk.Bytes, image);
            }

            damaged[second + 2000] ^= 1;
            File.WriteAllBytes(path, damaged);
            Assert.Equal(errorId, Assert.Throws<DiskFormatException>(() => ImageDetector.Open(path)).ErrorId);
        }
    }

    /// <summary>A disk whose log has up to three entries, which hide some of what the log wrote before.</summary>
    /// <param name="start">Of the first entry in the log of 1 MiB; near its end the others go round it.</param>
    internal static string MakeDirty(TempFolder folder, SampleDisk disk, int start = Megabyte - 8192, int entryCount = 3)
    {
        string path = Convert(folder, disk, "block_size=1M");
        byte[] bytes = File.ReadAllBytes(path);
        Guid log = Guid.NewGuid();
        foreach (int header in new[] { 65536, 131072 })
        {
            log.ToByteArray().CopyTo(bytes, header + 48);
            Seal(bytes.AsSpan(header, 4096));
        }

        int bat = RegionOf(bytes, "2DC27766-F623-4200-9D64-115E9BFD4A08");
        long first = BitConverter.ToInt64(bytes, bat) & ~0xFFFFFL;
        long second = BitConverter.ToInt64(bytes, bat + 8) & ~0xFFFFFL;
        (long Place, int Zeros)[][] entries =
        [
            [(first, 0), (second + 8192, 0)],
            [(second, 65536), (first + 4096, 0)], // hides what the entry before wrote
            [(second + 4096, 0), (first, 0), (first + 8192, 4096)],
        ];
        int offset = start;
        foreach ((long Place, int Zeros)[] entry in entries.Take(entryCount))
        {
            offset = WriteEntry(bytes, log, start, offset, entry, (ulong)Array.IndexOf(entries, entry) + 7);
        }

        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Writes an entry of data and zero descriptors into a log of 1 MiB at 1 MiB.</summary>
    /// <param name="tail">Where the first entry is.</param>
    /// <returns>Where the next one goes.</returns>
    private static int WriteEntry(byte[] bytes, Guid log, int tail, int offset, (long Place, int Zeros)[] descriptors, ulong number)
    {
        int sectors = descriptors.Count(descriptor => descriptor.Zeros == 0);
        byte[] entry = new byte[4096 * (1 + sectors)];
        "loge"u8.CopyTo(entry);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(8), entry.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(12), tail);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), number);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(24), descriptors.Length);
        log.ToByteArray().CopyTo(entry, 32);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(48), bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(56), bytes.Length);
        Random random = new((int)number);
        int data = 4096;
        for (int i = 0; i < descriptors.Length; i++)
        {
            Span<byte> descriptor = entry.AsSpan(64 + (i * 32), 32);
            BinaryPrimitives.WriteInt64LittleEndian(descriptor[16..], descriptors[i].Place);
            BinaryPrimitives.WriteUInt64LittleEndian(descriptor[24..], number);
            if (descriptors[i].Zeros > 0)
            {
                "zero"u8.CopyTo(descriptor);
                BinaryPrimitives.WriteInt64LittleEndian(descriptor[8..], descriptors[i].Zeros);
                continue;
            }

            random.NextBytes(descriptor[4..16]);
            "desc"u8.CopyTo(descriptor);
            Span<byte> sector = entry.AsSpan(data, 4096);
            random.NextBytes(sector);
            "data"u8.CopyTo(sector);
            sector.Slice(4, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(sector[4092..], (uint)number);
            data += 4096;
        }

        Seal(entry);
        foreach (byte[] part in entry.Chunk(4096))
        {
            part.CopyTo(bytes, Megabyte + offset);
            offset = (offset + 4096) % Megabyte;
        }

        return offset;
    }

    /// <summary>Makes of a dynamic disk a differencing one: of the first MiB every other sector is its own, the second MiB is the parent's.</summary>
    internal static byte[] MakeChild(string path, Guid parentId, string name, byte[] below, byte[] above)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int bitmap = (bytes.Length + Megabyte - 1) / Megabyte * Megabyte;
        Array.Resize(ref bytes, bitmap + Megabyte);
        bytes.AsSpan(bitmap, Megabyte).Fill(0x55);
        int bat = RegionOf(bytes, "2DC27766-F623-4200-9D64-115E9BFD4A08");
        bytes[bat] = (byte)((bytes[bat] & 0xF8) | 7);
        bytes.AsSpan(bat + 8, 8).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bat + (4096 * 8)), (ulong)bitmap | 6); // 2^23 sectors of 512 bytes in 1 MiB blocks
        AddLocator(bytes, parentId, name);
        File.WriteAllBytes(path, bytes);
        byte[] expected = [.. above];
        below.AsSpan(Megabyte, Megabyte).CopyTo(expected.AsSpan(Megabyte));
        for (int sector = 512; sector < Megabyte; sector += 1024)
        {
            below.AsSpan(sector, 512).CopyTo(expected.AsSpan(sector));
        }

        return expected;
    }

    private static void AddLocator(byte[] bytes, Guid parentId, string name)
    {
        bytes[ItemOf(bytes, "CAA16737-FA36-4D43-B3B6-33F0AA44E76B") + 4] |= 2;
        int region = RegionOf(bytes, "8B7CA206-4790-4B9A-B8FE-575F050F886E");
        int count = bytes[region + 10]++;
        Span<byte> entry = bytes.AsSpan(region + 32 + (count * 32), 32);
        new Guid("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C").ToByteArray().CopyTo(entry);
        const int Place = 512 * 1024;
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], Place);
        BinaryPrimitives.WriteInt32LittleEndian(entry[20..], 1024);
        entry[24] = 4;
        Span<byte> item = bytes.AsSpan(region + Place, 1024);
        new Guid("B04AEFB7-D19E-4A81-B789-25B8E9445913").ToByteArray().CopyTo(item);
        (string Key, string Value)[] pairs = [("parent_linkage", $"{{{parentId}}}"), ("absolute_win32_path", name)];
        item[18] = (byte)pairs.Length;
        int text = 256;
        for (int i = 0; i < pairs.Length; i++)
        {
            byte[] key = Encoding.Unicode.GetBytes(pairs[i].Key);
            byte[] value = Encoding.Unicode.GetBytes(pairs[i].Value);
            Span<byte> place = item[(20 + (i * 12))..];
            BinaryPrimitives.WriteInt32LittleEndian(place, text);
            BinaryPrimitives.WriteInt32LittleEndian(place[4..], text + key.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(place[8..], (ushort)key.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(place[10..], (ushort)value.Length);
            key.CopyTo(item[text..]);
            value.CopyTo(item[(text + key.Length)..]);
            text += key.Length + value.Length;
        }
    }

    internal static ReadOnlySpan<byte> Header(byte[] bytes) =>
        BitConverter.ToUInt64(bytes, 131072 + 8) > BitConverter.ToUInt64(bytes, 65536 + 8) ? bytes.AsSpan(131072, 4096) : bytes.AsSpan(65536, 4096);

    private static int RegionOf(byte[] bytes, string id) => (int)BitConverter.ToInt64(bytes, Find(bytes, 192 * 1024, id) + 16);

    private static int ItemOf(byte[] bytes, string id)
    {
        int region = RegionOf(bytes, "8B7CA206-4790-4B9A-B8FE-575F050F886E");
        return region + BitConverter.ToInt32(bytes, Find(bytes, region, id) + 16);
    }

    private static int Find(byte[] bytes, int start, string id) => start + bytes.AsSpan(start, 65536).IndexOf(new Guid(id).ToByteArray());

    private static void Seal(Span<byte> structure) =>
        BinaryPrimitives.WriteUInt32LittleEndian(structure[4..], Crc32C.ComputeWithout(structure, 4));

    private static string Hash(DiskImage image)
    {
        using System.Security.Cryptography.IncrementalHash hash =
            System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Megabyte];
        foreach (BlockRange range in image.AllocatedRanges())
        {
            for (long offset = range.Offset; offset < range.End; offset += buffer.Length)
            {
                int length = (int)Math.Min(buffer.Length, range.End - offset);
                image.Read(offset, buffer.AsSpan(0, length));
                hash.AppendData(buffer, 0, length);
            }
        }

        return System.Convert.ToHexString(hash.GetCurrentHash());
    }

    private static string Convert(TempFolder folder, SampleDisk disk, string options)
    {
        string path = folder.File("sample.vhdx");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vhdx", "-o", options, disk.WriteRaw(folder), path);
        return path;
    }
}
