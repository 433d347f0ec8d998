using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", "ESX Server Sparse Extents" (COWDisk_Header); little-endian, in sectors of 512 bytes.
//   0 magic "COWD"   8 u32 flags (3)      16 u32 grainSize (1)   24 u32 numGDEntries
//   4 u32 version 1  12 u32 numSectors    20 u32 gdOffset (4)    28 u32 freeSector; then names and generations up to 2048
// Grain directory entry: u32 sector of a grain table of 4096 entries (0: none). Grain table entry: u32 sector of the grain (0: none).

/// <summary>An extent of an ESX snapshot on VMFS 3 to 5 (vmfsSparse), often named -delta.vmdk.</summary>
internal sealed class CowdExtent : MappedImage
{
    public const uint Magic = 0x44574F43;

    private const int Sector = SparseExtentHeader.Sector;
    private const int HeaderSectors = 4;
    private const int EntriesPerTable = 4096;
    private const int MaxGrainSectors = 32 * 1024;

    private readonly FileBlockDevice _file;
    private readonly TableCache _tables;
    private readonly long _firstTable;

    private CowdExtent(FileBlockDevice file, long sectors, int grainSectors, long directoryEntries, DiskImage? below)
        : base(file, grainSectors * Sector, EntriesPerTable)
    {
        _file = file;
        _tables = new TableCache(file, "VmdkImageTruncated", $"VMDK grain tables of '{file.Path}'");
        _firstTable = HeaderSectors + (((directoryEntries * 4) + Sector - 1) / Sector);
        Length = sectors * Sector;
        Backing = below;
    }

    public override ImageFormat Format => ImageFormat.Vmdk;

    public override string Variant => VmdkExtentLine.VmfsSparse;

    public override long Length { get; }

    public override DiskImage? Backing { get; }

    /// <param name="file">The extent, taken over when there is no error.</param>
    /// <param name="below">What shows through where this extent has nothing, or null.</param>
    /// <exception cref="DiskFormatException"><c>VmdkHeaderDamaged</c>, <c>VmdkImageTruncated</c></exception>
    /// <exception cref="UnsupportedFeatureException"><c>VmdkVersionNotSupported</c></exception>
    public static CowdExtent Open(FileBlockDevice file, DiskImage? below)
    {
        Span<byte> bytes = stackalloc byte[32];
        file.ReadChecked(0, bytes, "VmdkImageTruncated", $"COWD header of '{file.Path}'");
        Require(Le.U32(bytes, 0) == Magic, file, 0, "the magic COWD", Le.U32(bytes, 0));
        if (Le.U32(bytes, 4) != 1)
        {
            throw new UnsupportedFeatureException(
                "VmdkVersionNotSupported", $"VMDK of ESX snapshots (COWD) version {Le.U32(bytes, 4)}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        uint sectors = Le.U32(bytes, 12);
        uint grain = Le.U32(bytes, 16);
        uint entries = Le.U32(bytes, 24);
        Require(Le.U32(bytes, 8) <= 3, file, 8, "flags up to 3", Le.U32(bytes, 8));
        Require(sectors > 0, file, 12, "a number of sectors", sectors);
        Require(
            grain is > 0 and <= MaxGrainSectors && BitOperations.IsPow2(grain), file, 16,
            $"a grain size that is a power of two up to {MaxGrainSectors} sectors", grain);
        Require(Le.U32(bytes, 20) == HeaderSectors, file, 20, $"the grain directory at sector {HeaderSectors}", Le.U32(bytes, 20));
        long needed = ((sectors - 1) / ((long)grain * EntriesPerTable)) + 1;
        Require(entries >= needed, file, 24, $"at least {needed} entries of the grain directory", entries);
        if ((HeaderSectors * Sector) + (needed * 4) > file.Length)
        {
            throw new DiskFormatException(
                "VmdkImageTruncated", $"VMDK grain directory of '{file.Path}'", HeaderSectors * Sector, $"{needed} entries", "the end of the file",
                ImageRemedy.Truncated);
        }

        return new CowdExtent(file, sectors, (int)grain, needed, below);
    }

    private protected override long FindTable(long index)
    {
        long place = (HeaderSectors * Sector) + (index * 4);
        long sector = Le.U32(_tables.Entry(place, 4), 0);
        bool fits = (sector * Sector) + (EntriesPerTable * 4) <= _file.Length;
        if (sector != 0 && (sector < _firstTable || !fits))
        {
            throw EntryWrong(fits ? "VmdkGrainDirectoryDamaged" : "VmdkImageTruncated", "grain directory", place, "a grain table", sector);
        }

        return sector * Sector;
    }

    private protected override MappedRun FindBlock(long table, long index)
    {
        long place = table + (index * 4);
        long sector = Le.U32(_tables.Entry(place, 4), 0);
        if (sector == 0)
        {
            return new MappedRun(MappedRunKind.Absent, BlockSize);
        }

        bool fits = sector * Sector < _file.Length;
        return sector >= _firstTable && fits
            ? new MappedRun(MappedRunKind.Data, BlockSize, sector * Sector)
            : throw EntryWrong(fits ? "VmdkGrainTableDamaged" : "VmdkImageTruncated", "grain table", place, "a grain", sector);
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VmdkImageTruncated", $"VMDK grain of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block) =>
        throw new NotSupportedException("This kind of extent has no compressed grains.");

    private DiskFormatException EntryWrong(string errorId, string structure, long place, string expected, long sector) => new(
        errorId, $"VMDK {structure} of '{Path}'", place, $"{expected} within the file, after its grain directory", $"sector {sector}",
        ImageRemedy.Truncated);

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, uint actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "VmdkHeaderDamaged", $"COWD header of '{file.Path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }
}
