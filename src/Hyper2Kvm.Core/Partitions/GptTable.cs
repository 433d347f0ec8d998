using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Partitions;

/// <summary>Chooses between the two copies of a GPT, and says when they are not as they should be.</summary>
internal static class GptTable
{
    private static readonly int[] s_sectorSizes = [512, 4096];

    /// <summary>The primary copy with any sector size, or null where there is no sound one.</summary>
    public static GptCopy? FindPrimary(IBlockDevice disk)
    {
        foreach (int sectorSize in s_sectorSizes)
        {
            GptCopy copy = GptCopy.Read(disk, 1, sectorSize);
            if (copy.Fault is null)
            {
                return copy;
            }
        }

        return null;
    }

    /// <summary>The copy to use: the primary one, or the backup where the primary is damaged.</summary>
    /// <exception cref="DiskFormatException">Both are damaged.</exception>
    public static GptCopy Read(IBlockDevice disk, List<string> warnings)
    {
        if (FindPrimary(disk) is { } primary)
        {
            CheckBackup(disk, primary, warnings);
            return primary;
        }

        foreach (int sectorSize in s_sectorSizes)
        {
            GptCopy backup = GptCopy.Read(disk, (disk.Length / sectorSize) - 1, sectorSize);
            if (backup.Fault is null)
            {
                string fault = GptCopy.Read(disk, 1, sectorSize).Fault!;
                warnings.Add($"The primary GPT {fault}: the backup at the end of the disk is used. Repair it with gdisk: r, b, w.");
                return backup;
            }
        }

        int likely = disk.SectorSize == 4096 ? 4096 : 512;
        GptCopy last = GptCopy.Read(disk, (disk.Length / likely) - 1, likely);
        throw new DiskFormatException(
            "GptDamaged", "GPT", likely, "a sound primary or backup table",
            $"a primary that {GptCopy.Read(disk, 1, likely).Fault} and a backup that {last.Fault}",
            "The disk may be cut short; else its table has to be recovered first (gdisk, testdisk) on a copy.");
    }

    private static void CheckBackup(IBlockDevice disk, GptCopy primary, List<string> warnings)
    {
        long lastLba = (disk.Length / primary.SectorSize) - 1;
        if (primary.AlternateLba > (ulong)lastLba)
        {
            warnings.Add("The backup GPT lies beyond the end of the disk: was the disk made smaller?");
            return;
        }

        if (primary.AlternateLba != (ulong)lastLba)
        {
            warnings.Add("The backup GPT does not lie at the end of the disk: was the disk made larger?");
        }

        GptCopy backup = GptCopy.Read(disk, (long)primary.AlternateLba, primary.SectorSize);
        if (backup.Fault is not null)
        {
            warnings.Add($"The backup GPT {backup.Fault}; the primary one is used.");
        }
        else if (!backup.IsSameTable(primary))
        {
            warnings.Add("The backup GPT differs from the primary one, which is used.");
        }
    }
}
