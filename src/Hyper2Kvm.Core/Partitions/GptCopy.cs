using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Partitions;

// UEFI specification 2.10, 5.3.2 "GPT Header" and 5.3.3 "GPT Partition Entry Array"; little-endian.
//  0 "EFI PART"            32 u64 AlternateLBA        80 u32 NumberOfPartitionEntries
//  8 u32 Revision          40 u64 FirstUsableLBA      84 u32 SizeOfPartitionEntry (128 * 2^n)
// 12 u32 HeaderSize        48 u64 LastUsableLBA       88 u32 PartitionEntryArrayCRC32
// 16 u32 HeaderCRC32       56 GUID DiskGUID
// 24 u64 MyLBA             72 u64 PartitionEntryLBA
// Entry: 0 type GUID (zero: unused), 16 unique GUID, 32 u64 StartingLBA, 40 u64 EndingLBA (inclusive), 48 u64 attributes,
//        56 name, 36 UTF-16 units.

/// <summary>One of the two copies of a GPT: header and entries with their checksums verified.</summary>
internal sealed record GptCopy
{
    private const int MinHeader = 92;
    private const int MinEntry = 128;
    private const int MaxEntries = 16 * 1024;
    private const int MaxEntryBytes = 4 * 1024 * 1024;

    public required long Lba { get; init; }

    /// <summary>What is wrong with this copy, or null. With a fault nothing else of it may be used.</summary>
    public string? Fault { get; private init; }

    public int SectorSize { get; private init; }

    public ulong AlternateLba { get; private init; }

    public Guid DiskId { get; private init; }

    /// <summary>Entries, each of <see cref="EntrySize"/> bytes.</summary>
    public byte[] Entries { get; private init; } = [];

    public int EntrySize { get; private init; }

    /// <summary>Offset of the entries on the disk.</summary>
    public long EntriesOffset { get; private init; }

    /// <summary>Reads the copy whose header is at <paramref name="lba"/>; damage is its <see cref="Fault"/>, since there is another.</summary>
    public static GptCopy Read(IBlockDevice disk, long lba, int sectorSize)
    {
        long sectors = disk.Length / sectorSize;
        if (lba < 1 || lba >= sectors)
        {
            return Faulty(lba, "lies beyond the end of the disk");
        }

        byte[] header = new byte[sectorSize];
        disk.Read(lba * sectorSize, header);
        if (!header.AsSpan(0, 8).SequenceEqual("EFI PART"u8))
        {
            return Faulty(lba, "has no signature");
        }

        uint headerSize = Le.U32(header, 12);
        if (headerSize < MinHeader || headerSize > sectorSize || HeaderCrc(header.AsSpan(0, (int)headerSize)) != Le.U32(header, 16))
        {
            return Faulty(lba, "has a wrong header checksum");
        }

        if (Le.U64(header, 24) != (ulong)lba)
        {
            return Faulty(lba, "was written for another place");
        }

        return ReadEntries(disk, header, lba, sectorSize);
    }

    /// <summary>The same partitions, of the same disk.</summary>
    public bool IsSameTable(GptCopy other) =>
        DiskId == other.DiskId && EntrySize == other.EntrySize && Entries.AsSpan().SequenceEqual(other.Entries);

    /// <summary>The partitions in use.</summary>
    public List<PartitionEntry> Partitions(IBlockDevice disk)
    {
        List<PartitionEntry> partitions = [];
        for (int index = 0; index * EntrySize < Entries.Length; index++)
        {
            ReadOnlySpan<byte> entry = Entries.AsSpan(index * EntrySize, EntrySize);
            Guid type = new(entry[..16]);
            if (type == Guid.Empty)
            {
                continue;
            }

            BlockRange range = PartitionTable.RangeOnDisk(
                Le.U64(entry, 32), Le.U64(entry, 40), SectorSize, index + 1, disk, EntriesOffset + (index * EntrySize));
            partitions.Add(new PartitionEntry
            {
                Number = index + 1,
                Range = range,
                TypeGuid = type,
                UniqueId = new Guid(entry.Slice(16, 16)),
                Attributes = Le.U64(entry, 48),
                Name = Encoding.Unicode.GetString(entry.Slice(56, 72)).Split('\0')[0],
            });
        }

        return partitions;
    }

    private static GptCopy ReadEntries(IBlockDevice disk, ReadOnlySpan<byte> header, long lba, int sectorSize)
    {
        ulong first = Le.U64(header, 72);
        uint count = Le.U32(header, 80);
        uint size = Le.U32(header, 84);
        ulong bytes = (ulong)count * size;
        bool sane = size >= MinEntry && size % MinEntry == 0 && count <= MaxEntries && bytes <= MaxEntryBytes
            && first > 1 && first < (ulong)(disk.Length / sectorSize) && bytes <= (ulong)(disk.Length - ((long)first * sectorSize));
        if (!sane)
        {
            return Faulty(lba, $"has no usable entry array ({count} entries of {size} bytes at sector {first})");
        }

        byte[] entries = new byte[bytes];
        disk.Read((long)first * sectorSize, entries);
        if (Crc32.Compute(entries) != Le.U32(header, 88))
        {
            return Faulty(lba, "has a wrong checksum of its entries");
        }

        return new GptCopy
        {
            Lba = lba,
            SectorSize = sectorSize,
            AlternateLba = Le.U64(header, 32),
            DiskId = new Guid(header.Slice(56, 16)),
            Entries = entries,
            EntrySize = (int)size,
            EntriesOffset = (long)first * sectorSize,
        };
    }

    private static GptCopy Faulty(long lba, string fault) => new() { Lba = lba, Fault = fault };

    private static uint HeaderCrc(ReadOnlySpan<byte> header)
    {
        byte[] copy = header.ToArray();
        copy.AsSpan(16, 4).Clear();
        return Crc32.Compute(copy);
    }
}
