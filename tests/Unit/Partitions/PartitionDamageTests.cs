using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Partitions;

public class PartitionDamageTests
{
    private const int Size = 4 << 20;
    private const int BackupHeader = Size - 512;

    [OracleFact("sgdisk")]
    public void Damaged_primary_gpt_is_replaced_by_its_backup_with_a_warning()
    {
        byte[] bytes = NewGpt();
        string expected = Describe(PartitionTable.Read(new MemoryBlockDevice(bytes, 512)));
        foreach (int place in Enumerable.Range(512, 92).Concat(Enumerable.Range(1024, 300)))
        {
            bytes[place] ^= 0x10;
            PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(bytes, 512));
            Assert.Equal(expected, Describe(table));
            Assert.Contains(table.Warnings, warning => warning.Contains("primary GPT", StringComparison.Ordinal));
            bytes[place] ^= 0x10;
        }
    }

    /// <summary>Found by the fuzzer: the product of both does not fit into 63 bits.</summary>
    [OracleFact("sgdisk")]
    public void Gpt_of_absurdly_many_absurdly_large_entries_is_faulty()
    {
        byte[] bytes = NewGpt();
        Le.U32(bytes, 512 + 80, uint.MaxValue);
        Le.U32(bytes, 512 + 84, 0x80000000);
        Le.U32(bytes, 512 + 16, 0u);
        Le.U32(bytes, 512 + 16, Crc32.Compute(bytes.AsSpan(512, 92)));
        PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(bytes, 512));
        Assert.Contains(table.Warnings, warning => warning.Contains("primary GPT", StringComparison.Ordinal));
    }

    [OracleFact("sgdisk")]
    public void Damaged_backup_gpt_is_a_warning_and_both_damaged_an_error()
    {
        byte[] bytes = NewGpt();
        string expected = Describe(PartitionTable.Read(new MemoryBlockDevice(bytes, 512)));
        for (int place = BackupHeader; place < BackupHeader + 92; place++)
        {
            bytes[place] ^= 0x10;
            PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(bytes, 512));
            Assert.Equal(expected, Describe(table));
            Assert.Contains("backup GPT", Assert.Single(table.Warnings), StringComparison.Ordinal);
            bytes[600] ^= 1;
            bytes[530] ^= 1;
            Fails("GptDamaged", bytes);
            bytes[530] ^= 1;
            bytes[600] ^= 1;
            bytes[place] ^= 0x10;
        }
    }

    [OracleFact("sgdisk")]
    public void Backup_gpt_that_says_something_else_is_a_warning()
    {
        byte[] old = NewGpt();
        byte[] changed = NewGpt();
        old.AsSpan(Size - (33 * 512)).CopyTo(changed.AsSpan(Size - (33 * 512)));
        PartitionTable table = PartitionTable.Read(new MemoryBlockDevice(changed, 512));
        Assert.Contains("differs", Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [OracleFact("sgdisk")]
    public void Disk_cut_inside_a_partition_is_truncated_and_a_lost_protective_mbr_is_named()
    {
        byte[] bytes = NewGpt();
        Fails("DiskTruncated", bytes[..(2 << 20)]);
        bytes.AsSpan(0, 512).Clear();
        Fails("ProtectiveMbrMissing", bytes);
        Fails("DiskTooSmall", bytes[..511]);
    }

    [Fact]
    public void Mbr_entries_with_any_bit_flipped_give_ranges_on_the_disk_or_a_typed_error()
    {
        byte[] bytes = NewMbr();
        Assert.Equal([1, 2, 5, 6], PartitionTable.Read(new MemoryBlockDevice(bytes, 512)).Entries.Select(entry => entry.Number));
        foreach (int start in new[] { 0, 2048 * 512, 3072 * 512 })
        {
            for (int bit = 0x1BE * 8; bit < 512 * 8; bit++)
            {
                bytes[start + (bit / 8)] ^= (byte)(1 << (bit % 8));
                AssertSane(bytes);
                bytes[start + (bit / 8)] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Extended_chain_that_comes_back_to_itself_is_refused()
    {
        byte[] bytes = NewMbr();
        Entry(bytes, 3072 * 512, 1, 5, 0, 1024);
        Fails("EbrChainCyclic", bytes);
    }

    [Fact]
    public void Overlapping_and_truncated_and_meaningless_mbr_partitions_are_refused()
    {
        byte[] bytes = NewMbr();
        Entry(bytes, 0, 2, 7, 1000, 100);
        Fails("PartitionsOverlap", bytes);
        Entry(bytes, 0, 2, 7, 8000, 1000);
        Fails("DiskTruncated", bytes);
        Entry(bytes, 0, 2, 7, 8000, 100);
        bytes[0x1BE + 32] = 0x33;
        Fails("MbrDamaged", bytes);
        byte[] overlapping = NewMbr();
        Entry(overlapping, 2048 * 512, 0, 7, 64, 2000);
        Fails("PartitionsOverlap", overlapping);
        byte[] unsigned = NewMbr();
        unsigned[(3072 * 512) + 511] = 0;
        Fails("EbrDamaged", unsigned);
    }

    private static void AssertSane(byte[] bytes)
    {
        try
        {
            foreach (PartitionEntry entry in PartitionTable.Read(new MemoryBlockDevice(bytes, 512)).Entries)
            {
                Assert.InRange(entry.Range.Offset, 0, Size);
                Assert.InRange(entry.Range.End, 0, Size);
            }
        }
        catch (DiskFormatException)
        {
            // As it should be: the flip was seen.
        }
    }

    private static void Fails(string errorId, byte[] bytes) =>
        Assert.Equal(errorId, Assert.Throws<DiskFormatException>(() => PartitionTable.Read(new MemoryBlockDevice(bytes, 512))).ErrorId);

    private static string Describe(PartitionTable table) =>
        $"{table.Style} {table.DiskId} {string.Join(';', table.Entries.Select(entry => entry.ToString()))}";

    private static byte[] NewGpt()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk"), new byte[Size]);
        ForeignTool.RunOk("sgdisk", "-n", "1:2048:+1M", "-c", "1:one", "-n", "2:0:0", folder.File("disk"));
        return File.ReadAllBytes(folder.File("disk"));
    }

    /// <summary>A primary at 1 (1000 sectors), an extended one at 2048 with logical ones at 2112 and 3136.</summary>
    private static byte[] NewMbr()
    {
        byte[] bytes = new byte[Size];
        Entry(bytes, 0, 0, 7, 1, 1000);
        Entry(bytes, 0, 1, 5, 2048, 4096);
        Entry(bytes, 2048 * 512, 0, 7, 64, 500);
        Entry(bytes, 2048 * 512, 1, 5, 1024, 1024);
        Entry(bytes, 3072 * 512, 0, 7, 64, 500);
        return bytes;
    }

    private static void Entry(byte[] bytes, int sector, int slot, byte type, uint first, uint count)
    {
        Span<byte> entry = bytes.AsSpan(sector + 0x1BE + (slot * 16), 16);
        entry[4] = type;
        Hyper2Kvm.Binary.Le.U32(entry, 8, first);
        Hyper2Kvm.Binary.Le.U32(entry, 12, count);
        bytes[sector + 510] = 0x55;
        bytes[sector + 511] = 0xAA;
    }
}
