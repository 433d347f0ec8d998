using System.Globalization;
using System.Text.Json;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Partitions;

public class PartitionTableTests
{
    private const long Mebi = 1 << 20;

    [OracleFact("sgdisk", "sfdisk")]
    public void Gpt_reads_as_sfdisk_reads_it()
    {
        using TempFolder folder = new();
        string disk = NewDisk(folder, 200 * Mebi);
        ForeignTool.RunOk(
            "sgdisk", "-n", "1:2048:+100M", "-t", "1:ef00", "-c", "1:EFI system partition", "-n", "2:0:+16M", "-t", "2:0c01",
            "-n", "4:0:+32M", "-t", "4:0700", "-c", "4:Täst \U0001F4BE", "-A", "4:set:63", "-n", "128:0:0", "-t", "128:2700", disk);
        PartitionTable table = Read(disk);
        AssertAsSfdisk(disk, table);
        Assert.Equal(PartitionStyle.Gpt, table.Style);
        Assert.Empty(table.Warnings);
        Assert.Equal([1, 2, 4, 128], table.Entries.Select(entry => entry.Number));
        Assert.Equal(
            [PartitionTypes.EfiSystem, PartitionTypes.MicrosoftReserved, PartitionTypes.BasicData, PartitionTypes.WindowsRecovery],
            table.Entries.Select(entry => entry.TypeGuid!.Value));
        Assert.Equal("Täst \U0001F4BE", table.Entries[2].Name);
        Assert.Equal(1UL << 63, table.Entries[2].Attributes);
    }

    [OracleFact("sfdisk", "sh")]
    public void Mbr_with_logical_partitions_reads_as_sfdisk_reads_it()
    {
        using TempFolder folder = new();
        string disk = NewDisk(folder, 100 * Mebi);
        Script(
            folder, disk, "sfdisk",
            "label: dos\nlabel-id: 0xd7e47829\n2048,20480,7,*\n,20480,c\n,,f\n,10240,7\n,2048,b\n,4096,83\n,,27\n");
        PartitionTable table = Read(disk);
        AssertAsSfdisk(disk, table);
        Assert.Equal(PartitionStyle.Mbr, table.Style);
        Assert.Equal(0xD7E47829, table.DiskSignature);
        Assert.Equal([1, 2, 3, 5, 6, 7, 8], table.Entries.Select(entry => entry.Number));
        Assert.True(table.Entries[0].IsActive);
        Assert.True(table.Entries[2].IsExtended);
    }

    [OracleFact("fdisk", "sh")]
    public void Tables_in_sectors_of_4096_bytes_are_found_though_the_image_says_512()
    {
        using TempFolder folder = new();
        string gpt = NewDisk(folder, 100 * Mebi);
        Script(folder, gpt, "fdisk -b 4096", "g\nn\n1\n256\n+20M\nn\n2\n\n\nw\n");
        PartitionTable table = Read(gpt);
        Assert.Equal(PartitionStyle.Gpt, table.Style);
        Assert.Equal(4096, table.SectorSize);
        Assert.Equal(new BlockRange(Mebi, 20 * Mebi), table.Entries[0].Range);
        Assert.Equal(21 * Mebi, table.Entries[1].Range.Offset);
        Assert.Empty(table.Warnings);

        string mbr = NewDisk(folder, 100 * Mebi);
        Script(folder, mbr, "fdisk -b 4096", "o\nn\np\n1\n256\n+20M\nw\n");
        byte[] bytes = File.ReadAllBytes(mbr);
        bytes[Mebi + 510] = 0x55;
        bytes[Mebi + 511] = 0xAA;
        PartitionTable mbrTable = PartitionTable.Read(new MemoryBlockDevice(bytes, 512));
        Assert.Equal(4096, mbrTable.SectorSize);
        Assert.Equal(new BlockRange(Mebi, 20 * Mebi), mbrTable.Entries[0].Range);
    }

    [OracleFact("sgdisk")]
    public void Hybrid_mbr_is_read_as_gpt_with_a_warning()
    {
        using TempFolder folder = new();
        string disk = NewDisk(folder, 50 * Mebi);
        ForeignTool.RunOk("sgdisk", "-n", "1:0:+10M", "-h", "1", disk);
        PartitionTable table = Read(disk);
        Assert.Equal(PartitionStyle.Gpt, table.Style);
        Assert.Contains(table.Warnings, warning => warning.StartsWith("Hybrid MBR", StringComparison.Ordinal));
    }

    [OracleFact("sgdisk")]
    public void Grown_and_shrunk_disks_read_with_a_warning()
    {
        using TempFolder folder = new();
        string disk = NewDisk(folder, 50 * Mebi);
        ForeignTool.RunOk("sgdisk", "-n", "1:0:+10M", disk);
        SetLength(disk, 60 * Mebi);
        Assert.Contains("larger", Assert.Single(Read(disk).Warnings), StringComparison.Ordinal);
        SetLength(disk, 40 * Mebi);
        Assert.Contains("smaller", Assert.Single(Read(disk).Warnings), StringComparison.Ordinal);
    }

    [OracleFact("sgdisk")]
    public void Gpt_that_the_mbr_no_longer_announces_is_ignored_with_a_warning()
    {
        using TempFolder folder = new();
        string disk = NewDisk(folder, 20 * Mebi);
        ForeignTool.RunOk("sgdisk", "-n", "1:0:+10M", disk);
        byte[] bytes = File.ReadAllBytes(disk);
        bytes[0x1BE + 4] = 7;
        PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(bytes, 512));
        Assert.Equal(PartitionStyle.Mbr, table.Style);
        Assert.Contains("old GPT", Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [OracleFact("mkntfs", "mkfs.fat")]
    public void Volume_without_a_table_is_one_entry_over_the_disk()
    {
        using TempFolder folder = new();
        string ntfs = NewDisk(folder, 20 * Mebi);
        ForeignTool.RunOk("mkntfs", "-F", "-Q", "-q", ntfs);
        string fat = NewDisk(folder, 40 * Mebi);
        ForeignTool.RunOk("mkfs.fat", "-F", "32", fat);
        string small = NewDisk(folder, 4 * Mebi);
        ForeignTool.RunOk("mkfs.fat", "-F", "12", small);
        foreach (string disk in new[] { ntfs, fat, small })
        {
            PartitionTable table = Read(disk);
            Assert.Equal(PartitionStyle.None, table.Style);
            Assert.Equal(new BlockRange(0, new FileInfo(disk).Length), Assert.Single(table.Entries).Range);
        }
    }

    [Fact]
    public void Empty_disk_has_no_table_and_says_so()
    {
        PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(new byte[Mebi], 512));
        Assert.Equal(PartitionStyle.None, table.Style);
        Assert.Empty(table.Entries);
        Assert.Single(table.Warnings);
    }

    [DataFact("partition/gpt-512-0p.raw.gz", "partition/mbr-512-p4.bin", "partition/mbr-512-p1e2.bin.gz", "partition/mbr-win7.sector0")]
    public void Real_tables_read_as_catalogued()
    {
        PartitionTable empty = Real("partition/gpt-512-0p.raw.gz");
        Assert.Equal(PartitionStyle.Gpt, empty.Style);
        Assert.Empty(empty.Entries);

        PartitionTable extended = Real("partition/mbr-512-p1e2.bin.gz");
        Assert.Equal([(1, 1), (2, 1025), (5, 2), (6, 514)], extended.Entries.Select(entry => (entry.Number, entry.Range.Offset / 512)));

        PartitionTable four = PartitionTable.Read(new PrefixDevice(SharedData.Read("partition/mbr-512-p4.bin"), Mebi));
        Assert.Equal([(1, 2), (3, 2), (5, 2), (7, 2041)], four.Entries.Select(
            entry => (entry.Range.Offset / 512, entry.Range.Length / 512)));

        PartitionTable windows = PartitionTable.Read(new PrefixDevice(SharedData.Read("partition/mbr-win7.sector0"), 80L << 30));
        Assert.Equal(0xD7E47829, windows.DiskSignature);
        Assert.Equal(
            [(1, (byte?)7, true, 2048, 0x9F14A6E), (2, 0x27, false, 0x9F15800, 0xE9800)],
            windows.Entries.Select(entry => (entry.Number, entry.MbrType, entry.IsActive, entry.Range.Offset / 512, entry.Range.Length / 512)));
    }

    [DataFact(
        "ntfs/boot/4k.boot", "ntfs/boot/512.boot", "ntfs/boot/64k.boot", "ntfs/boot/museum-$Boot-Win10", "ntfs/boot/museum-$Boot-Win2012R2",
        "ntfs/boot/nobootcode.boot", "fat/fat12.raw.gz", "fat/fat32_small.raw.gz", "fat/fat_lfn_test.raw.gz", "fat/fat_very_small.dd")]
    public void Boot_sectors_of_real_volumes_are_not_taken_for_tables()
    {
        string[] names =
        [
            "ntfs/boot/4k.boot", "ntfs/boot/512.boot", "ntfs/boot/64k.boot", "ntfs/boot/museum-$Boot-Win10", "ntfs/boot/museum-$Boot-Win2012R2",
            "ntfs/boot/nobootcode.boot", "fat/fat12.raw.gz", "fat/fat32_small.raw.gz", "fat/fat_lfn_test.raw.gz", "fat/fat_very_small.dd",
        ];
        foreach (string name in names)
        {
            PartitionTable table = PartitionTable.Read(new PrefixDevice(SharedData.Read(name), 8L << 30));
            Assert.True(table.Style == PartitionStyle.None && table.Entries.Count == 1, $"{name}: {table.Style}, {table.Entries.Count}");
        }
    }

    [DataFact("ntfs/win-mbr-ntfs_index-32M.raw.gz")]
    public void Disks_that_Windows_partitioned_have_their_volumes_where_the_table_says()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("index.raw"), SharedData.Read("ntfs/win-mbr-ntfs_index-32M.raw.gz"));
        using FileBlockDevice disk = new(folder.File("index.raw"));
        PartitionTable table = PartitionTable.Read(disk);
        AssertAsSfdisk(disk.Path, table);
        byte[] sector = new byte[512];
        disk.Read(Assert.Single(table.Entries).Range.Offset, sector);
        Assert.Equal("NTFS    "u8, sector.AsSpan(3, 8));
    }

    private static PartitionTable Real(string name) => PartitionTable.Read(new MemoryBlockDevice(SharedData.Read(name), 512));

    private static PartitionTable Read(string path)
    {
        using FileBlockDevice disk = new(path);
        return PartitionTable.Read(disk);
    }

    private static string NewDisk(TempFolder folder, long size)
    {
        string path = folder.File($"{Guid.NewGuid():N}.raw");
        File.WriteAllBytes(path, []);
        SetLength(path, size);
        return path;
    }

    private static void SetLength(string path, long size)
    {
        using FileStream stream = new(path, FileMode.Open);
        stream.SetLength(size);
    }

    private static void Script(TempFolder folder, string disk, string tool, string script)
    {
        File.WriteAllText(folder.File("script"), script);
        ForeignTool.RunOk("sh", "-c", $"PATH=$PATH:/usr/sbin:/sbin {tool} {disk} < {folder.File("script")}");
    }

    private static void AssertAsSfdisk(string disk, PartitionTable table)
    {
        using JsonDocument json = JsonDocument.Parse(ForeignTool.RunOk("sfdisk", "-J", disk));
        JsonElement root = json.RootElement.GetProperty("partitiontable");
        string id = root.GetProperty("id").GetString()!;
        string ours = table.DiskId?.ToString().ToUpperInvariant() ?? $"0x{table.DiskSignature:x8}";
        Assert.Equal(id, ours);
        string[] expected = [.. root.GetProperty("partitions").EnumerateArray().Select(Describe)];
        Assert.Equal(expected, table.Entries.Select(entry => Describe(entry, table.SectorSize)));
    }

    private static string Describe(JsonElement partition)
    {
        string Text(string name) => partition.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Text("start")}+{Text("size")} {Text("type")} {Text("uuid")} {Text("name")} {Text("bootable")}");
    }

    private static string Describe(PartitionEntry entry, int sectorSize)
    {
        string type = entry.TypeGuid?.ToString().ToUpperInvariant() ?? $"{entry.MbrType:x}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Range.Offset / sectorSize}+{entry.Range.Length / sectorSize} {type} {entry.UniqueId?.ToString().ToUpperInvariant()} {entry.Name} {(entry.IsActive ? "True" : "")}");
    }
}
