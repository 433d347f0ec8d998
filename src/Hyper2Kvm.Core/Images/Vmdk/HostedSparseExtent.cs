using System.Buffers;
using System.IO.Compression;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", "Hosted Sparse Extents" and "Stream-Optimized Compressed Sparse Extents".
// Grain directory entry: u32 sector of a grain table (0: none). Grain table entry: u32 sector of the grain, 0: none, 1: zero (by flag).
// Compressed grain: marker u64 lba, u32 size, then size bytes of zlib (RFC 1950).

/// <summary>A hosted sparse extent, compressed or not: what Workstation, Fusion, QEMU and exports write.</summary>
internal sealed class HostedSparseExtent : MappedImage
{
    private const int Sector = SparseExtentHeader.Sector;
    private const int MarkerSize = 12;
    private const int ZeroedGrain = 1;

    private readonly FileBlockDevice _file;
    private readonly SparseExtentHeader _header;
    private readonly TableCache _tables;

    /// <param name="file">The extent, taken over.</param>
    /// <param name="header">As read from it.</param>
    /// <param name="below">What shows through where this extent has nothing, or null.</param>
    public HostedSparseExtent(FileBlockDevice file, SparseExtentHeader header, DiskImage? below)
        : base(file, header.GrainSectors * Sector, header.EntriesPerTable)
    {
        _file = file;
        _header = header;
        _tables = new TableCache(file, "VmdkImageTruncated", $"VMDK grain tables of '{file.Path}'");
        Backing = below;
    }

    public override ImageFormat Format => ImageFormat.Vmdk;

    public override string Variant => VmdkExtentLine.Sparse;

    public override long Length => _header.Capacity * Sector;

    public override DiskImage? Backing { get; }

    public long GrainBytes => BlockSize;

    /// <inheritdoc/>
    public override string? QemuObstacle => _header.EntriesPerTable > 512 ? $"QEMU does not read the grain tables of '{Path}'" : null;

    /// <inheritdoc/>
    internal override string? InPlaceObstacle =>
        _header.IsCompressed ? "its grains are compressed" : _header.IsUnclean ? "VMware did not close it properly" : null;

    /// <inheritdoc/>
    /// <remarks>Where there are two grain directories they have to agree that there is a table; an entry that leads
    /// out of the file is replaced by its copy, which is what the copy is for.</remarks>
    private protected override long FindTable(long index)
    {
        long place = (_header.GrainDirectory * Sector) + (index * 4);
        long sector = Le.U32(_tables.Entry(place, 4), 0);
        if (_header.RedundantDirectory != 0)
        {
            long copy = Le.U32(_tables.Entry((_header.RedundantDirectory * Sector) + (index * 4), 4), 0);
            if ((sector == 0) != (copy == 0))
            {
                throw new DiskFormatException(
                    "VmdkGrainDirectoryDamaged", $"VMDK grain directory of '{Path}'", place, $"an entry that agrees with its copy ({copy})",
                    $"{sector}", ImageRemedy.Damaged);
            }

            sector = IsTable(sector) || !IsTable(copy) ? sector : copy;
        }

        if (sector != 0 && !IsTable(sector))
        {
            throw new DiskFormatException(
                "VmdkImageTruncated", $"VMDK grain directory of '{Path}'", place, "a grain table within the file", $"sector {sector}",
                ImageRemedy.Truncated);
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

        if (sector == ZeroedGrain && _header.HasZeroedGrains)
        {
            return new MappedRun(MappedRunKind.Zero, BlockSize);
        }

        if (sector <= _header.DescriptorOffset + _header.DescriptorSectors - 1 || sector * Sector >= _file.Length)
        {
            throw new DiskFormatException(
                sector * Sector >= _file.Length ? "VmdkImageTruncated" : "VmdkGrainTableDamaged",
                $"VMDK grain table of '{Path}'", place, "a grain within the file, after its descriptor", $"sector {sector}", ImageRemedy.Truncated);
        }

        return new MappedRun(_header.IsCompressed ? MappedRunKind.Compressed : MappedRunKind.Data, BlockSize, sector * Sector);
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VmdkImageTruncated", $"VMDK grain of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block)
    {
        Span<byte> marker = stackalloc byte[MarkerSize];
        ReadFile(run.FileOffset, marker);
        uint size = Le.U32(marker, 8);
        if (Le.U64(marker, 0) != (ulong)(offset / Sector) || size == 0 || size > 2 * (uint)BlockSize)
        {
            throw GrainDamaged(
                run, $"the marker of the grain at sector {offset / Sector}", $"sector {Le.U64(marker, 0)}, {size} bytes", null);
        }

        int wanted = (int)Math.Min(block.Length, Length - offset);
        byte[] packed = ArrayPool<byte>.Shared.Rent((int)size);
        try
        {
            ReadFile(run.FileOffset + MarkerSize, packed.AsSpan(0, (int)size));
            Unpack(run, packed.AsMemory(0, (int)size), block, wanted);
        }
        catch (InvalidDataException error)
        {
            throw GrainDamaged(run, "zlib data", "other bytes", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private void Unpack(MappedRun run, ReadOnlyMemory<byte> packed, Span<byte> block, int wanted)
    {
        PackedGrain grain = new(packed);
        using ZLibStream unpacking = new(grain, CompressionMode.Decompress);
        int filled = unpacking.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);

        // The checksum comes after the last byte, and is looked at only for who asks for one more.
        bool isMore = unpacking.ReadByte() >= 0;
        if (filled < wanted || isMore || grain.IsShort)
        {
            string actual = isMore ? "more" : grain.IsShort ? $"{filled} without an end" : $"{filled}";
            throw GrainDamaged(run, $"{wanted} to {block.Length} bytes when unpacked", actual, null);
        }
    }

    private DiskFormatException GrainDamaged(MappedRun run, string expected, string actual, Exception? inner) => new(
        "VmdkGrainDamaged", $"compressed VMDK grain of '{Path}'", run.FileOffset, expected, actual, ImageRemedy.Damaged, inner);

    private bool IsTable(long sector) => sector > 0 && (sector * Sector) + (_header.EntriesPerTable * 4L) <= _file.Length;
}
