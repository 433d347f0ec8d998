using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Partitions;

/// <summary>Reads the partitions of an MBR disk: four primaries, and the chain of logical ones in an extended partition.</summary>
/// <remarks>An EBR is laid out as an MBR: its first entry is the logical partition, relative to the EBR itself; its second the next
/// EBR, relative to the extended partition.</remarks>
internal sealed class MbrTable
{
    /// <summary>Number of the first logical partition, however many primaries there are.</summary>
    public const int FirstLogical = 5;

    private const int Sector = 512;
    private const int MaxLogical = 256;

    private readonly IBlockDevice _disk;
    private readonly List<string> _warnings;
    private readonly List<PartitionEntry> _entries = [];

    private MbrTable(IBlockDevice disk, int sectorSize, List<string> warnings)
    {
        _disk = disk;
        SectorSize = sectorSize;
        _warnings = warnings;
    }

    public int SectorSize { get; }

    public IReadOnlyList<PartitionEntry> Entries => _entries;

    /// <exception cref="DiskFormatException">The table is damaged, or the disk is cut short.</exception>
    public static MbrTable Read(IBlockDevice disk, ReadOnlySpan<byte> sector, List<string> warnings)
    {
        MbrTable table = new(disk, FindSectorSize(disk, sector), warnings);
        int active = 0;
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            MbrEntry entry = MbrEntry.Read(sector, slot);
            if (entry.Status is not (0 or 0x80))
            {
                throw new DiskFormatException(
                    "MbrDamaged", "MBR partition entry", 0x1BE + (slot * 16), "status 0x00 or 0x80", $"0x{entry.Status:X2}",
                    "Sector 0 is no partition table, or it is damaged.");
            }

            if (!entry.IsEmpty)
            {
                active += entry.Status >> 7;
                table.Add(slot + 1, entry, entry.First, 0x1BE + (slot * 16));
            }
        }

        if (active > 1)
        {
            warnings.Add($"{active} partitions are marked active; a BIOS disk has one.");
        }

        table.AddLogical();
        return table;
    }

    /// <summary>4096 where only that makes the entries lead to boot sectors; disks of 4096-byte sectors are rarely MBR disks.</summary>
    private static int FindSectorSize(IBlockDevice disk, ReadOnlySpan<byte> sector) =>
        disk.SectorSize != Sector || (!LeadsToBootSector(disk, sector, Sector) && LeadsToBootSector(disk, sector, 4096))
            ? 4096
            : Sector;

    private static bool LeadsToBootSector(IBlockDevice disk, ReadOnlySpan<byte> sector, int sectorSize)
    {
        Span<byte> first = stackalloc byte[Sector];
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            MbrEntry entry = MbrEntry.Read(sector, slot);
            long offset = (long)entry.First * sectorSize;
            if (!entry.IsEmpty && offset > 0 && offset <= disk.Length - Sector)
            {
                disk.Read(offset, first);
                if (MbrEntry.IsSigned(first))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Add(int number, MbrEntry entry, long firstSector, long place)
    {
        BlockRange range = new(firstSector * SectorSize, (long)entry.Sectors * SectorSize);
        if (firstSector == 0)
        {
            throw new DiskFormatException(
                "MbrDamaged", "MBR partition entry", place, "a first sector after the table", "sector 0");
        }

        PartitionTable.RequireOnDisk(range, number, _disk, place);
        _entries.Add(new PartitionEntry { Number = number, Range = range, MbrType = entry.Type, IsActive = entry.Status == 0x80 });
    }

    private void AddLogical()
    {
        int number = FirstLogical;
        int primaries = _entries.Count;
        for (int i = 0; i < primaries; i++)
        {
            if (_entries[i].IsExtended)
            {
                number = FollowChain(_entries[i].Range, number);
            }
        }
    }

    /// <returns>The number of the next logical partition.</returns>
    private int FollowChain(BlockRange extended, int number)
    {
        HashSet<long> seen = [];
        Span<byte> sector = stackalloc byte[Sector];
        long place = extended.Offset;
        while (place >= 0)
        {
            if (!seen.Add(place) || seen.Count > MaxLogical)
            {
                throw new DiskFormatException(
                    "EbrChainCyclic", "extended boot record", place, $"a chain of at most {MaxLogical} records with an end", "none");
            }

            _disk.ReadChecked(place, sector, "EbrDamaged", "extended boot record");
            if (!MbrEntry.IsSigned(sector))
            {
                if (seen.Count == 1 && !sector.ContainsAnyExcept((byte)0))
                {
                    _warnings.Add("The extended partition is empty.");
                    return number;
                }

                throw new DiskFormatException("EbrDamaged", "extended boot record", place, "the bytes 55 AA at its end", "others");
            }

            number = AddLogical(sector, place, number);
            place = NextRecord(MbrEntry.Read(sector, 1), extended, place);
        }

        return number;
    }

    private int AddLogical(ReadOnlySpan<byte> sector, long place, int number)
    {
        MbrEntry logical = MbrEntry.Read(sector, 0);
        if (logical.IsEmpty)
        {
            return number;
        }

        if (logical.Status is not (0 or 0x80) || PartitionTypes.IsExtended(logical.Type))
        {
            throw new DiskFormatException(
                "EbrDamaged", "extended boot record", place, "a logical partition in its first entry",
                $"status 0x{logical.Status:X2}, type 0x{logical.Type:X2}");
        }

        Add(number, logical, (place / SectorSize) + logical.First, place + 0x1BE);
        return number + 1;
    }

    /// <returns>Offset on the disk, or -1 at the end of the chain.</returns>
    private long NextRecord(MbrEntry link, BlockRange extended, long place)
    {
        if (link.IsEmpty)
        {
            return -1;
        }

        long next = extended.Offset + ((long)link.First * SectorSize);
        return PartitionTypes.IsExtended(link.Type) && next < extended.End
            ? next
            : throw new DiskFormatException(
                "EbrDamaged", "extended boot record", place, "a next record within the extended partition",
                $"type 0x{link.Type:X2} at 0x{next:X}");
    }
}
