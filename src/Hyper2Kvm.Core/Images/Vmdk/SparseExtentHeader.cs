using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", Hosted Sparse Extent Header; little-endian, SectorType = 512 bytes.
//   0 u32 magicNumber "KDMV"    28 u64 descriptorOffset    64 u64 overHead
//   4 u32 version (1 to 3)      36 u64 descriptorSize      72 u8  uncleanShutdown
//   8 u32 flags                 44 u32 numGTEsPerGT        73 u8  '\n' ' ' '\r' '\n': seen whether text tools changed the file
//  12 u64 capacity              48 u64 rgdOffset           77 u16 compressAlgorithm (0 none, 1 deflate)
//  20 u64 grainSize             56 u64 gdOffset (-1: in the footer, a second header 1024 bytes before the end)
// flags: 0 newline test valid, 1 redundant grain directory, 2 zeroed-grain GTE, 16 compressed grains, 17 markers.

/// <summary>The header of a hosted sparse extent, checked; all offsets and sizes in sectors of 512 bytes.</summary>
internal sealed record SparseExtentHeader
{
    public const uint Magic = 0x564D444B;
    public const int Sector = 512;

    private const int Size = 512;
    private const long InFooter = -1;
    private const int MaxGrainSectors = 32 * 1024;
    private const int MaxEntriesPerTable = 64 * 1024;
    private const uint FooterMarker = 3;

    /// <summary>2 EiB: far from where byte offsets overflow.</summary>
    public const long MaxSector = long.MaxValue / Sector / 4;

    public required long Capacity { get; init; }

    public required int GrainSectors { get; init; }

    public required long DescriptorOffset { get; init; }

    public required long DescriptorSectors { get; init; }

    public required int EntriesPerTable { get; init; }

    public required long GrainDirectory { get; init; }

    /// <summary>Copy of the grain directory, or 0.</summary>
    public required long RedundantDirectory { get; init; }

    public required bool HasZeroedGrains { get; init; }

    /// <summary>Compressed grains with markers: streamOptimized.</summary>
    public required bool IsCompressed { get; init; }

    /// <summary>VMware had it open when it or its host stopped.</summary>
    public required bool IsUnclean { get; init; }

    /// <summary>Grain directory entries, one for each grain table.</summary>
    public long DirectoryEntries => (Capacity - 1) / ((long)GrainSectors * EntriesPerTable) + 1;

    /// <exception cref="DiskFormatException">The header is damaged or the file is cut short.</exception>
    /// <exception cref="UnsupportedFeatureException">The extent uses a feature that is not read.</exception>
    public static SparseExtentHeader Read(FileBlockDevice file)
    {
        SparseExtentHeader header = ReadAt(file, 0);
        if (header.GrainDirectory == InFooter)
        {
            SparseExtentHeader footer = ReadFooter(file);
            bool agree = footer.Capacity == header.Capacity && footer.GrainSectors == header.GrainSectors
                && footer.EntriesPerTable == header.EntriesPerTable && footer.IsCompressed == header.IsCompressed;
            Require(agree, file, 0, "header and footer to agree", "different values");
            header = header with { GrainDirectory = footer.GrainDirectory, RedundantDirectory = footer.RedundantDirectory };
        }

        long directorySectors = ((header.DirectoryEntries * 4) + Sector - 1) / Sector;
        long fileSectors = (file.Length + Sector - 1) / Sector;
        Require(header.GrainDirectory > 0, file, 56, "a sector for the grain directory", header.GrainDirectory);
        if (header.GrainDirectory > fileSectors - directorySectors)
        {
            throw new DiskFormatException(
                "VmdkImageTruncated", $"VMDK grain directory of '{file.Path}'", header.GrainDirectory, $"a sector below {fileSectors}",
                "the end of the file", ImageRemedy.Truncated);
        }

        return header;
    }

    private static SparseExtentHeader ReadFooter(FileBlockDevice file)
    {
        Span<byte> marker = stackalloc byte[16];
        long place = file.Length - (3 * Sector);
        if (place > 0)
        {
            file.Read(place, marker);
        }

        if (place <= 0 || file.Length % Sector != 0 || Le.U32(marker, 8) != 0 || Le.U32(marker, 12) != FooterMarker)
        {
            throw new DiskFormatException(
                "VmdkImageTruncated", $"streamOptimized VMDK footer of '{file.Path}'", Math.Max(place, 0), "a footer marker", "other bytes",
                ImageRemedy.Truncated);
        }

        return ReadAt(file, place + Sector);
    }

    private static SparseExtentHeader ReadAt(FileBlockDevice file, long place)
    {
        Span<byte> bytes = stackalloc byte[Size];
        file.ReadChecked(place, bytes, "VmdkImageTruncated", $"VMDK sparse extent header of '{file.Path}'");
        Require(Le.U32(bytes, 0) == Magic, file, place, "the magic KDMV", $"0x{Le.U32(bytes, 0):X8}");
        CheckVariant(bytes, file, place);
        ulong capacity = Le.U64(bytes, 12);
        ulong grain = Le.U64(bytes, 20);
        uint entries = Le.U32(bytes, 44);
        Require(capacity is > 0 and <= MaxSector, file, place + 12, "a capacity in sectors", capacity);
        Require(
            grain is > 0 and <= MaxGrainSectors && BitOperations.IsPow2(grain), file, place + 20,
            $"a grain size that is a power of two up to {MaxGrainSectors} sectors", grain);
        Require(
            entries is > 0 and <= MaxEntriesPerTable && BitOperations.IsPow2(entries), file, place + 44,
            $"numGTEsPerGT that is a power of two up to {MaxEntriesPerTable}", entries);
        uint flags = Le.U32(bytes, 8);
        return new SparseExtentHeader
        {
            Capacity = (long)capacity,
            GrainSectors = (int)grain,
            DescriptorOffset = SectorAt(bytes, 28, file, place),
            DescriptorSectors = SectorAt(bytes, 36, file, place),
            EntriesPerTable = (int)entries,
            RedundantDirectory = (flags & (1 << 1)) == 0 ? 0 : SectorAt(bytes, 48, file, place),
            GrainDirectory = Le.I64(bytes, 56) == InFooter ? InFooter : SectorAt(bytes, 56, file, place),
            HasZeroedGrains = (flags & (1 << 2)) != 0,
            IsCompressed = (flags & (1 << 16)) != 0,
            IsUnclean = bytes[72] != 0,
        };
    }

    private static void CheckVariant(ReadOnlySpan<byte> bytes, FileBlockDevice file, long place)
    {
        const uint KnownFlags = 0x30007;
        uint version = Le.U32(bytes, 4);
        uint flags = Le.U32(bytes, 8);
        if (version is 0 or > 3)
        {
            throw new UnsupportedFeatureException(
                "VmdkVersionNotSupported", $"VMDK sparse extent version {version}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        if ((flags & 1) != 0)
        {
            Require(
                bytes[73] == '\n' && bytes[74] == ' ' && bytes[75] == '\r' && bytes[76] == '\n', file, place + 73,
                "line ends as VMware wrote them", "others: the file went through a text transfer");
        }

        Require((flags & ~KnownFlags) == 0, file, place + 8, $"flags within 0x{KnownFlags:X}", $"0x{flags:X}");
        uint compression = Le.U16(bytes, 77);
        bool compressed = (flags & (1 << 16)) != 0;
        Require(compression == (compressed ? 1 : 0), file, place + 77, "compressAlgorithm that agrees with the flags", compression);
        if (compressed != ((flags & (1 << 17)) != 0))
        {
            throw new UnsupportedFeatureException(
                "VmdkMarkersNotSupported", "a VMDK with only one of compressed grains and markers", $"'{file.Path}'", ImageRemedy.Convert);
        }
    }

    private static long SectorAt(ReadOnlySpan<byte> bytes, int offset, FileBlockDevice file, long place)
    {
        ulong value = Le.U64(bytes, offset);
        Require(value <= MaxSector, file, place + offset, "a sector number", value);
        return (long)value;
    }

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "VmdkHeaderDamaged", $"VMDK sparse extent header of '{file.Path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }
}
