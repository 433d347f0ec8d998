using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Partitions;

/// <summary>Reads a partition table, and says what contradicts itself.</summary>
/// <remarks>Finding ids besides those of the errors of <see cref="PartitionTable"/>: <c>GptPrimaryDamaged</c>, <c>GptBackupDamaged</c>,
/// <c>GptBackupMisplaced</c>, <c>GptCopiesDiffer</c>, <c>GptPartitionOverTable</c>, <c>GptIdTwice</c>, <c>ProtectiveMbrWrong</c>,
/// and <c>PartitionTableOdd</c> for what is only unusual.</remarks>
public static class PartitionChecker
{
    /// <summary>All findings; none for a table in order.</summary>
    public static IReadOnlyList<PartitionFinding> Check(IBlockDevice disk)
    {
        List<PartitionFinding> findings = [];
        try
        {
            PartitionTable table = PartitionTable.Read(disk);
            if (table.Style == PartitionStyle.Gpt)
            {
                CheckProtective(disk, table, findings);
                CheckCopies(disk, table, findings);
            }
            else
            {
                foreach (string warning in table.Warnings)
                {
                    findings.Add(new PartitionFinding("PartitionTableOdd", true, $"{table.Style} table", warning));
                }
            }
        }
        catch (DiskFormatException error)
        {
            findings.Add(new PartitionFinding(error.ErrorId, false, $"{error.Structure} at 0x{error.Offset:X}", error.Message));
        }

        return findings;
    }

    private static void CheckProtective(IBlockDevice disk, PartitionTable table, List<PartitionFinding> findings)
    {
        byte[] sector = new byte[512];
        disk.Read(0, sector);
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            MbrEntry entry = MbrEntry.Read(sector, slot);
            if (entry.Type == PartitionTypes.MbrProtective && entry.First != 1)
            {
                findings.Add(new PartitionFinding("ProtectiveMbrWrong", true, "protective MBR at 0x0",
                    string.Create(CultureInfo.InvariantCulture, $"it should start at sector 1, it starts at {entry.First}")));
            }
            else if (entry.Type != PartitionTypes.MbrProtective && !entry.IsEmpty)
            {
                findings.Add(new PartitionFinding("PartitionTableOdd", true, "MBR at 0x0",
                    string.Create(CultureInfo.InvariantCulture, $"hybrid MBR: slot {slot + 1} lists a partition of its own besides the GPT")));
            }
        }

        HashSet<Guid> ids = [];
        foreach (PartitionEntry entry in table.Entries)
        {
            if (entry.UniqueId is { } id && !ids.Add(id))
            {
                findings.Add(new PartitionFinding("GptIdTwice", false, PlaceOf(entry), $"another partition has the same id {id}"));
            }
        }
    }

    private static void CheckCopies(IBlockDevice disk, PartitionTable table, List<PartitionFinding> findings)
    {
        int size = table.SectorSize;
        long last = (disk.Length / size) - 1;
        GptCopy primary = GptCopy.Read(disk, 1, size);
        if (primary.Fault is { } fault)
        {
            findings.Add(new PartitionFinding("GptPrimaryDamaged", false, $"primary GPT at 0x{size:X}", $"it {fault}; the backup is used"));
        }

        long place = primary.Fault is null && primary.AlternateLba is > 1 && primary.AlternateLba <= (ulong)last ? (long)primary.AlternateLba : last;
        if (primary.Fault is null && primary.AlternateLba != (ulong)last)
        {
            findings.Add(new PartitionFinding("GptBackupMisplaced", true, $"backup GPT at sector {primary.AlternateLba}",
                string.Create(CultureInfo.InvariantCulture, $"it should be in the last sector of the disk, {last}: the disk was made larger or smaller")));
        }

        GptCopy backup = GptCopy.Read(disk, place, size);
        if (backup.Fault is { } backupFault)
        {
            findings.Add(new PartitionFinding("GptBackupDamaged", true, $"backup GPT at 0x{place * size:X}", $"it {backupFault}"));
        }
        else if (primary.Fault is null && !primary.IsSameTable(backup))
        {
            findings.Add(new PartitionFinding("GptCopiesDiffer", true, $"backup GPT at 0x{place * size:X}", "it is not like the primary one"));
        }

        foreach (GptCopy copy in (GptCopy[])[primary, backup])
        {
            foreach (PartitionEntry entry in copy.Fault is null ? table.Entries : [])
            {
                BlockRange tableRange = new(copy.EntriesOffset, copy.Entries.Length);
                if (entry.Range.Offset < tableRange.End && tableRange.Offset < entry.Range.End)
                {
                    findings.Add(new PartitionFinding("GptPartitionOverTable", false, PlaceOf(entry),
                        $"it lies over the entries of a GPT at 0x{tableRange.Offset:X}"));
                }
            }
        }
    }

    private static string PlaceOf(PartitionEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"partition {entry.Number} at 0x{entry.Range.Offset:X}");
}
