using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// Grain directory entry, u64: 0: none, else 10000000 in the upper half and the number of a grain table in the lower.
// Grain table entry, u64, by its upper 4 bits: 0 none (all zero), 1 unmapped by the guest, 2 zero, 3 a grain, whose number has its low
// 12 bits in bits 48 to 59 and the others in bits 0 to 47.

/// <summary>An extent of an ESXi snapshot on VMFS 6, or of any disk over 2 TiB (seSparse), often named -sesparse.vmdk.</summary>
internal sealed class SeSparseExtent : MappedImage
{
    public const uint Magic = 0xCAFEBABE;

    private const int Sector = SparseExtentHeader.Sector;
    private const uint TableAllocated = 0x10000000;

    private readonly FileBlockDevice _file;
    private readonly SeSparseHeader _header;
    private readonly TableCache _tables;

    /// <param name="file">The extent, taken over when there is no error.</param>
    /// <param name="below">What shows through where this extent has nothing, or null.</param>
    public SeSparseExtent(FileBlockDevice file, DiskImage? below)
        : base(file, SeSparseHeader.GrainSectors * Sector, SeSparseHeader.EntriesPerTable)
    {
        _file = file;
        _header = SeSparseHeader.Read(file);
        _tables = new TableCache(file, "VmdkImageTruncated", $"VMDK grain tables of '{file.Path}'");
        Backing = below;
    }

    public override ImageFormat Format => ImageFormat.Vmdk;

    public override string Variant => VmdkExtentLine.SeSparse;

    public override long Length => _header.Capacity * Sector;

    public override DiskImage? Backing { get; }

    /// <inheritdoc/>
    internal override string? InPlaceObstacle => "the format of seSparse extents is not published, so nothing is written into one";

    private protected override long FindTable(long index)
    {
        long place = (_header.Directory.Offset * Sector) + (index * 8);
        ulong entry = Le.U64(_tables.Entry(place, 8), 0);
        if (entry == 0)
        {
            return 0;
        }

        long number = (uint)(entry & uint.MaxValue);
        if (entry >> 32 != TableAllocated || number >= _header.Tables.Length / SeSparseHeader.TableSectors)
        {
            throw EntryWrong("VmdkGrainDirectoryDamaged", "grain directory", place, entry);
        }

        return (_header.Tables.Offset + (number * SeSparseHeader.TableSectors)) * Sector;
    }

    private protected override MappedRun FindBlock(long table, long index)
    {
        long place = table + (index * 8);
        ulong entry = Le.U64(_tables.Entry(place, 8), 0);
        switch (entry >> 60)
        {
            case 0 when entry == 0:
                return new MappedRun(MappedRunKind.Absent, BlockSize);
            case 1 or 2:
                return new MappedRun(MappedRunKind.Zero, BlockSize);
            case 3:
                break;
            default:
                throw EntryWrong("VmdkGrainTableDamaged", "grain table", place, entry);
        }

        ulong number = ((entry >> 48) & 0xFFF) | ((entry & 0xFFFF_FFFF_FFFF) << 12);
        if (number >= (ulong)(_header.Grains.Length / SeSparseHeader.GrainSectors))
        {
            throw EntryWrong("VmdkGrainTableDamaged", "grain table", place, entry);
        }

        long sector = _header.Grains.Offset + ((long)number * SeSparseHeader.GrainSectors);
        return new MappedRun(MappedRunKind.Data, BlockSize, sector * Sector);
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VmdkImageTruncated", $"VMDK grain of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block) =>
        throw new NotSupportedException("This kind of extent has no compressed grains.");

    private DiskFormatException EntryWrong(string errorId, string structure, long place, ulong entry) => new(
        errorId, $"VMDK {structure} of '{Path}'", place, "an entry that leads into the area of the header", $"0x{entry:X16}",
        ImageRemedy.Damaged);
}
