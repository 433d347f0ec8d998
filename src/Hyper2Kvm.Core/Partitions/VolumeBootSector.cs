using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Partitions;

/// <summary>Tells the boot sector of a file system from an MBR: both may end with 55 AA (an NTFS one without boot code does not).</summary>
internal static class VolumeBootSector
{
    /// <summary>Sector 0 is that of a volume: the disk has no partition table.</summary>
    /// <param name="sector">512 bytes.</param>
    /// <param name="diskSectors">Size of the disk.</param>
    public static bool Is(ReadOnlySpan<byte> sector, long diskSectors)
    {
        bool jumps = sector[0] is 0xEB or 0xE9;
        ReadOnlySpan<byte> oem = sector.Slice(3, 8);
        bool windows = oem.SequenceEqual("NTFS    "u8) || oem.SequenceEqual("EXFAT   "u8) || oem.SequenceEqual("-FVE-FS-"u8)
            || oem.SequenceEqual("ReFS\0\0\0\0"u8);
        bool fat = jumps && Le.U16(sector, 11) is 512 or 1024 or 2048 or 4096 && sector[21] >= 0xF0
            && (sector.Slice(0x36, 3).SequenceEqual("FAT"u8) || sector.Slice(0x52, 5).SequenceEqual("FAT32"u8));
        return (windows || fat) && !HasTable(sector, diskSectors);
    }

    /// <summary>Boot sticks can be both; where the four entries make sense, they are meant.</summary>
    private static bool HasTable(ReadOnlySpan<byte> sector, long diskSectors)
    {
        bool any = false;
        for (int slot = 0; slot < MbrEntry.Slots; slot++)
        {
            MbrEntry entry = MbrEntry.Read(sector, slot);
            if (entry.Status is not (0 or 0x80) || (!entry.IsEmpty && (entry.First == 0 || (long)entry.First + entry.Sectors > diskSectors)))
            {
                return false;
            }

            any |= !entry.IsEmpty;
        }

        return any;
    }
}
