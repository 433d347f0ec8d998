using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// seSparse has no public specification; these are the facts that QEMU's reader (block/vmdk.c) and others agree on.
// Constant header, sector 0; all u64, little-endian, places and sizes in sectors of 512 bytes:
//   0 magic 00000000CAFEBABE      24 grain size (8)          80, 88   volatile header     144, 152 grain tables
//   8 version 0000000200000001    32 grain table size (64)   96, 104  journal header      160, 168 free bitmap
//  16 capacity                    40 flags (0)               112, 120 journal             176, 184 backmap
//                                 48 to 79 reserved (0)      128, 136 grain directory     192, 200 grains; then zeros
// Volatile header: 0 magic 00000000CAFECAFE, 8 free grain table, 16 next transaction, 24 journal is to be replayed; then zeros.

/// <summary>The two headers of a seSparse extent, checked; places and sizes in sectors of 512 bytes.</summary>
internal readonly record struct SeSparseHeader(long Capacity, BlockRange Directory, BlockRange Tables, BlockRange Grains)
{
    public const int GrainSectors = 8;
    public const int TableSectors = 64;
    public const int EntriesPerTable = TableSectors * Sector / 8;

    private const int Sector = SparseExtentHeader.Sector;
    private const ulong Magic = 0xCAFEBABE;
    private const ulong VolatileMagic = 0xCAFECAFE;
    private const ulong Version = 0x2_0000_0001;

    /// <exception cref="DiskFormatException"><c>VmdkHeaderDamaged</c>, <c>VmdkImageTruncated</c></exception>
    /// <exception cref="UnsupportedFeatureException"><c>VmdkVersionNotSupported</c></exception>
    /// <exception cref="GuestStateException"><c>VmdkSeSparseJournal</c>: the host crashed while it wrote.</exception>
    public static SeSparseHeader Read(FileBlockDevice file)
    {
        Span<byte> bytes = stackalloc byte[Sector];
        file.ReadChecked(0, bytes, "VmdkImageTruncated", $"seSparse header of '{file.Path}'");
        Require(Le.U64(bytes, 0) == Magic, file, 0, "the magic CAFEBABE", Le.U64(bytes, 0));
        if (Le.U64(bytes, 8) != Version || Le.U64(bytes, 24) != GrainSectors || Le.U64(bytes, 32) != TableSectors)
        {
            string found = string.Create(
                CultureInfo.InvariantCulture,
                $"version {Le.U64(bytes, 8):X}, grains of {Le.U64(bytes, 24)} and tables of {Le.U64(bytes, 32)} sectors");
            throw new UnsupportedFeatureException(
                "VmdkVersionNotSupported", $"VMDK of ESXi snapshots (seSparse), {found}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        Require(!bytes[40..80].ContainsAnyExcept((byte)0), file, 40, "no flags and zeros in reserved fields", Le.U64(bytes, 40));
        Require(!bytes[208..].ContainsAnyExcept((byte)0), file, 208, "zeros to the end of the header", 1);
        long capacity = Place(bytes, 16, file);
        Require(capacity > 0, file, 16, "a capacity", 0);
        SeSparseHeader header = new(capacity, Area(bytes, 128, file), Area(bytes, 144, file), Area(bytes, 192, file));
        long tables = ((capacity - 1) / (GrainSectors * EntriesPerTable)) + 1;
        Require(header.Directory.Length * Sector / 8 >= tables, file, 136, $"a grain directory for {tables} tables", (ulong)header.Directory.Length);
        CheckAreas(bytes, file);
        CheckVolatile(Place(bytes, 80, file), file);
        return header;
    }

    /// <summary>No two areas share a sector: an offset that is wrong mostly leads into another area.</summary>
    private static void CheckAreas(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        const int First = 80;
        const int Last = 192;
        for (int at = First; at <= Last; at += 16)
        {
            BlockRange area = Area(bytes, at, file);
            Require(area.Length == 0 || area.Offset > 0, file, at, "an area after the header", 0);
            for (int other = First; other < at; other += 16)
            {
                BlockRange earlier = Area(bytes, other, file);
                bool apart = area.Length == 0 || earlier.Length == 0 || area.Offset >= earlier.End || earlier.Offset >= area.End;
                Require(apart, file, at, "an area apart from the others", (ulong)area.Offset);
            }
        }
    }

    private static void CheckVolatile(long sector, FileBlockDevice file)
    {
        Span<byte> bytes = stackalloc byte[Sector];
        long place = sector * Sector;
        file.ReadChecked(place, bytes, "VmdkImageTruncated", $"seSparse volatile header of '{file.Path}'");
        Require(Le.U64(bytes, 0) == VolatileMagic, file, place, "the magic CAFECAFE", Le.U64(bytes, 0));
        if (Le.U64(bytes, 24) != 0)
        {
            throw new GuestStateException(
                "VmdkSeSparseJournal", file.Path, $"'{file.Path}' has a journal to be replayed: its host did not close it.",
                "Start and shut down the virtual machine on its host, or consolidate its snapshots, and copy the disk again.");
        }

        Require(!bytes[32..].ContainsAnyExcept((byte)0), file, place + 32, "zeros to the end of the header", 1);
    }

    private static BlockRange Area(ReadOnlySpan<byte> bytes, int offset, FileBlockDevice file) =>
        new(Place(bytes, offset, file), Place(bytes, offset + 8, file));

    private static long Place(ReadOnlySpan<byte> bytes, int offset, FileBlockDevice file)
    {
        ulong value = Le.U64(bytes, offset);
        Require(value <= SparseExtentHeader.MaxSector, file, offset, "a sector number", value);
        return (long)value;
    }

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, ulong actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "VmdkHeaderDamaged", $"seSparse header of '{file.Path}'", offset, expected, $"0x{actual:X}", ImageRemedy.Damaged);
        }
    }
}
