using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Partitions;

/// <summary>The partitions of a disk, as its MBR or GPT has them.</summary>
public sealed class PartitionTable
{
    private const int Sector = 512;

    private PartitionTable(PartitionStyle style, int sectorSize, IReadOnlyList<PartitionEntry> entries, IReadOnlyList<string> warnings)
    {
        Style = style;
        SectorSize = sectorSize;
        Entries = entries;
        Warnings = warnings;
    }

    public PartitionStyle Style { get; }

    /// <summary>Bytes per sector in which the table counts: 512 or 4096.</summary>
    public int SectorSize { get; }

    /// <summary>GPT disk GUID, or null.</summary>
    public Guid? DiskId { get; private init; }

    /// <summary>MBR disk signature, by which Windows knows the disk; or null.</summary>
    public uint? DiskSignature { get; private init; }

    /// <summary>In the order of the table; MBR: the extended partition too, then the logical ones. Style None: the volume, or nothing.</summary>
    public IReadOnlyList<PartitionEntry> Entries { get; }

    /// <summary>What is not as it should be, but does not hinder.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <exception cref="DiskFormatException">The table is damaged, contradicts itself, or the disk is cut short.</exception>
    public static PartitionTable Read(IBlockDevice disk)
    {
        Span<byte> sector = stackalloc byte[Sector];
        disk.ReadChecked(0, sector, "DiskTooSmall", "sector 0 of the disk");
        List<string> warnings = [];
        bool signed = MbrEntry.IsSigned(sector);
        if (signed && HasProtectiveEntry(sector, warnings))
        {
            return ReadGpt(disk, warnings);
        }

        bool volume = VolumeBootSector.Is(sector, disk.Length / Sector);
        CheckStaleGpt(disk, volume || (signed && !IsEmptyTable(sector)), warnings);
        if (volume)
        {
            PartitionEntry whole = new() { Number = 1, Range = new BlockRange(0, disk.Length) };
            return new PartitionTable(PartitionStyle.None, disk.SectorSize, [whole], warnings);
        }

        if (!signed)
        {
            warnings.Add("Sector 0 holds neither a partition table nor a known file system.");
            return new PartitionTable(PartitionStyle.None, disk.SectorSize, [], warnings);
        }

        MbrTable table = MbrTable.Read(disk, sector, warnings);
        RefuseOverlaps(table.Entries);
        return new PartitionTable(PartitionStyle.Mbr, table.SectorSize, table.Entries, warnings) { DiskSignature = Le.U32(sector, 0x1B8) };
    }

    /// <summary>The bytes of a GPT partition.</summary>
    /// <exception cref="DiskFormatException">It ends before it starts, or beyond the disk.</exception>
    internal static BlockRange RangeOnDisk(ulong first, ulong last, int sectorSize, int number, IBlockDevice disk, long place)
    {
        if (first > last || first < 2 || last > (ulong)(long.MaxValue / sectorSize) - 1)
        {
            throw new DiskFormatException(
                "GptEntryDamaged", $"GPT entry {number}", place, "a first sector from 2 to the last sector", $"{first} to {last}");
        }

        BlockRange range = new((long)first * sectorSize, (long)(last - first + 1) * sectorSize);
        RequireOnDisk(range, number, disk, place);
        return range;
    }

    internal static void RequireOnDisk(BlockRange range, int number, IBlockDevice disk, long place)
    {
        if (range.End > disk.Length)
        {
            throw new DiskFormatException(
                "DiskTruncated", $"entry of partition {number}", place, $"an end within the {disk.Length} bytes of the disk", $"{range.End}",
                "The image is cut short, or is one of several parts: compare its size with the original disk's.");
        }
    }

    private static PartitionTable ReadGpt(IBlockDevice disk, List<string> warnings)
    {
        GptCopy copy = GptTable.Read(disk, warnings);
        List<PartitionEntry> entries = copy.Partitions(disk);
        RefuseOverlaps(entries);
        return new PartitionTable(PartitionStyle.Gpt, copy.SectorSize, entries, warnings) { DiskId = copy.DiskId };
    }

    private static bool HasProtectiveEntry(ReadOnlySpan<byte> sector, List<string> warnings)
    {
        bool protective = false;
        bool others = false;
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            MbrEntry entry = MbrEntry.Read(sector, slot);
            protective |= entry.Type == PartitionTypes.MbrProtective;
            others |= !entry.IsEmpty && entry.Type != PartitionTypes.MbrProtective;
        }

        if (protective && others)
        {
            warnings.Add("Hybrid MBR: besides the GPT, the MBR lists partitions of its own. The GPT is used.");
        }

        return protective;
    }

    private static bool IsEmptyTable(ReadOnlySpan<byte> sector)
    {
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            if (!MbrEntry.Read(sector, slot).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A GPT without its protective MBR entry: firmware and Windows do not see it.</summary>
    private static void CheckStaleGpt(IBlockDevice disk, bool sectorIsInUse, List<string> warnings)
    {
        if (GptTable.FindPrimary(disk) is null)
        {
            return;
        }

        if (!sectorIsInUse)
        {
            throw new DiskFormatException(
                "ProtectiveMbrMissing", "sector 0 of the disk", 0x1BE, "the protective MBR of the GPT that follows", "no partition at all",
                "Restore it on a copy: gdisk, commands x, n, w.");
        }

        warnings.Add("An old GPT follows sector 0, which does not announce it: ignored, as Windows does.");
    }

    /// <summary>No two partitions share a byte; logical ones lie in the extended one and are compared among themselves.</summary>
    private static void RefuseOverlaps(IReadOnlyList<PartitionEntry> entries)
    {
        List<PartitionEntry> sorted = [.. entries];
        sorted.Sort((left, right) => (IsLogical(left), left.Range.Offset).CompareTo((IsLogical(right), right.Range.Offset)));
        for (int i = 1; i < sorted.Count; i++)
        {
            PartitionEntry before = sorted[i - 1];
            if (IsLogical(before) == IsLogical(sorted[i]) && before.Range.End > sorted[i].Range.Offset)
            {
                throw new DiskFormatException(
                    "PartitionsOverlap", $"partition {sorted[i].Number}", sorted[i].Range.Offset,
                    $"a start after partition {before.Number}, which ends at 0x{before.Range.End:X}", "a start inside it",
                    "The partition table has to be repaired first, on a copy.");
            }
        }
    }

    private static bool IsLogical(PartitionEntry entry) => entry.MbrType is not null && entry.Number >= MbrTable.FirstLogical;
}
