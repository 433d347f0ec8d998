using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Partitions;

// UEFI specification 2.10, 5.2.1 "Legacy Master Boot Record"; little-endian.
// Sector: 0x000 boot code, 0x1B8 u32 disk signature, 0x1BE four entries of 16 bytes, 0x1FE 55 AA.
// Entry: +0 status (0x80 active, else 0), +1 first CHS, +4 type, +5 last CHS, +8 u32 first LBA, +12 u32 sectors.

/// <summary>One entry of an MBR or of an EBR; the CHS fields mean nothing on disks of today.</summary>
/// <param name="Status">0x80 active, 0x00 not.</param>
/// <param name="Type">Partition type.</param>
/// <param name="First">First sector, in an EBR relative.</param>
/// <param name="Sectors">Number of sectors.</param>
internal readonly record struct MbrEntry(byte Status, byte Type, uint First, uint Sectors)
{
    public const int Slots = 4;
    private const int Table = 0x1BE;
    private const int Size = 16;

    public bool IsEmpty => Type == 0 || Sectors == 0;

    /// <param name="sector">512 bytes of an MBR or EBR.</param>
    /// <param name="slot">0 to 3.</param>
    public static MbrEntry Read(ReadOnlySpan<byte> sector, int slot)
    {
        ReadOnlySpan<byte> entry = sector.Slice(Table + (slot * Size), Size);
        return new MbrEntry(entry[0], entry[4], Le.U32(entry, 8), Le.U32(entry, 12));
    }

    /// <summary>The sector ends with 55 AA.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> sector) => sector[0x1FE] == 0x55 && sector[0x1FF] == 0xAA;
}
