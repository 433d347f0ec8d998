using System.Collections;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhdx;

// [MS-VHDX] 2.5 "BAT". u64 entries: bits 0-2 state, 20-63 file offset in MiB. After each chunk of payload blocks, which together have
// 2^23 sectors, the entry of a sector bitmap block: 1 MiB, a bit for each sector of the chunk, lowest bit first, set: in this disk.
// Payload states: 0 not present (the parent's, or zero), 1 undefined, 2 zero, 3 unmapped, 6 fully present, 7 partially present.

/// <summary>A VHDX or AVHDX (Hyper-V): fixed, dynamic, or differencing with its parents; its log is replayed in memory.</summary>
public sealed class VhdxImage : MappedImage
{
    private const ulong StateMask = 7;
    private const ulong ReservedMask = 0xFFFF8;
    private const ulong OffsetMask = ~0xFFFFFUL;
    private const int SectorsPerChunk = 1 << 23;
    private const int MaxSectorsLookedAt = 1024;
    private const int Megabyte = 1024 * 1024;

    private readonly VhdxReplayedFile _file;
    private readonly VhdxHeader _header;
    private readonly VhdxRegions _regions;
    private readonly VhdxMetadata _metadata;
    private readonly TableCache _tables;
    private readonly int _sectorsPerBlock;
    private readonly long _blocksPerChunk;

    private VhdxImage(
        FileBlockDevice file, VhdxReplayedFile replayed, VhdxHeader header, VhdxRegions regions, VhdxMetadata metadata, VhdxImage? parent)
        : base(file, metadata.SectorSize, metadata.BlockSize / metadata.SectorSize)
    {
        _file = replayed;
        _header = header;
        _regions = regions;
        _metadata = metadata;
        _tables = new TableCache(replayed, "VhdxImageTruncated", $"VHDX block allocation table of '{file.Path}'");
        _sectorsPerBlock = metadata.BlockSize / metadata.SectorSize;
        _blocksPerChunk = SectorsPerChunk / _sectorsPerBlock;
        Backing = parent;
    }

    public override ImageFormat Format => ImageFormat.Vhdx;

    public override string Variant => _metadata.HasParent ? "differencing" : _metadata.IsFixed ? "fixed" : "dynamic";

    public override long Length => _metadata.DiskSize;

    public override int SectorSize => _metadata.SectorSize;

    public override DiskImage? Backing { get; }

    public override string? QemuObstacle =>
        _metadata.HasParent ? "QEMU does not read the parent of a differencing VHDX"
        : _metadata.SectorSize != 512 ? $"QEMU does not read a VHDX with sectors of {_metadata.SectorSize} bytes"
        : _file.IsReplayed ? "the VHDX has a log to be replayed, which QEMU does not do for a backing file"
        : null;

    /// <inheritdoc/>
    internal override string? InPlaceObstacle => _file.IsReplayed ? "it has a log that has to be replayed first" : null;

    /// <inheritdoc/>
    internal override IReadOnlyList<HostPatch> ChangeMarks() => VhdxHeader.Renew(HostFile);

    /// <summary>Takes over <paramref name="file"/>.</summary>
    internal static VhdxImage Open(FileBlockDevice file, ImageLink link)
    {
        VhdxHeader header = VhdxHeader.Read(file);
        VhdxReplayedFile replayed = VhdxLog.Replay(file, header);
        VhdxRegions regions = VhdxRegions.Read(replayed, file.Path);
        VhdxMetadata metadata = VhdxMetadata.Read(replayed, regions.Metadata, file.Path);
        CheckBat(regions.Bat, metadata, file.Path);
        VhdxImage image = new(file, replayed, header, regions, metadata, metadata.HasParent ? OpenParent(metadata, link) : null);
        return OrDispose(image, image.CheckBlocks);
    }

    /// <summary>The table has no checksum: that each block is beside the regions and no two share a MiB is what tells a sound one.</summary>
    private void CheckBlocks()
    {
        BitArray taken = new((int)Math.Min((_file.Length / Megabyte) + 1, int.MaxValue));
        long blocks = ((Length - 1) / _metadata.BlockSize) + 1;
        long entries = BatEntries(_metadata);
        for (long i = 0; i < entries; i++)
        {
            bool isBitmap = i % (_blocksPerChunk + 1) == _blocksPerChunk;
            bool isPayload = !isBitmap && i - (i / (_blocksPerChunk + 1)) < blocks;
            long place = _regions.Bat.Offset + (i * 8);
            ulong entry = isPayload || (isBitmap && _metadata.HasParent) ? Entry(place) : 0;
            if ((entry & StateMask) is 6 or 7)
            {
                Take(taken, BlockOffset(entry, place), isBitmap ? Megabyte : _metadata.BlockSize, place, entry);
            }
        }
    }

    private void Take(BitArray taken, long offset, int length, long place, ulong entry)
    {
        int first = (int)(offset / Megabyte);
        int end = (int)Math.Min(taken.Length, (offset + length) / Megabyte);
        for (int i = first; i < end; i++)
        {
            if (taken[i])
            {
                throw EntryDamaged(place, entry, "a block that no other entry names");
            }

            taken[i] = true;
        }
    }

    private static long BatEntries(VhdxMetadata metadata)
    {
        long blocks = ((metadata.DiskSize - 1) / metadata.BlockSize) + 1;
        long perChunk = (long)SectorsPerChunk * metadata.SectorSize / metadata.BlockSize;
        return metadata.HasParent ? (((blocks - 1) / perChunk) + 1) * (perChunk + 1) : blocks + ((blocks - 1) / perChunk);
    }

    private static void CheckBat(BlockRange bat, VhdxMetadata metadata, string path)
    {
        long entries = BatEntries(metadata);
        if (entries * 8 > bat.Length)
        {
            throw new DiskFormatException(
                "VhdxRegionTableDamaged", $"VHDX block allocation table of '{path}'", bat.Offset,
                $"{entries} entries, as the size of the disk asks for", $"{bat.Length} bytes", ImageRemedy.Damaged);
        }
    }

    private static VhdxImage OpenParent(VhdxMetadata metadata, ImageLink link)
    {
        List<string> names = [];
        foreach (string key in (ReadOnlySpan<string>)["relative_path", "absolute_win32_path", "volume_path"])
        {
            if (metadata.Parent.TryGetValue(key, out string? name) && name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }

        VhdxImage parent = (VhdxImage)ImageDetector.OpenBacking(link.BelowWindows(names), ImageFormat.Vhdx.QemuName());
        if (IsLinkage("parent_linkage") || IsLinkage("parent_linkage2"))
        {
            return parent;
        }

        parent.Dispose();
        throw ImageLink.ParentChanged(
            link.Path, parent.Path, $"the data write GUID {metadata.Parent.GetValueOrDefault("parent_linkage")}", $"{parent._header.DataWriteId}");

        bool IsLinkage(string key) =>
            metadata.Parent.TryGetValue(key, out string? text) && Guid.TryParse(text, out Guid id) && id == parent._header.DataWriteId;
    }

    private protected override FileBlockDevice? DataFile => _file.IsReplayed ? null : base.DataFile;

    /// <returns>File offset of the block's entry in the block allocation table.</returns>
    private protected override long FindTable(long index)
    {
        long place = _regions.Bat.Offset + ((index + (index / _blocksPerChunk)) * 8);
        return (Entry(place) & StateMask) == 0 ? 0 : place;
    }

    private protected override MappedRun FindBlock(long table, long index)
    {
        ulong entry = Entry(table);
        long rest = (_sectorsPerBlock - index) * BlockSize;
        switch (entry & StateMask)
        {
            case 1 or 2 or 3:
                return new MappedRun(MappedRunKind.Zero, rest);
            case 6:
                return new MappedRun(MappedRunKind.Data, rest, BlockOffset(entry, table) + (index * BlockSize));
            case 7 when Backing is not null:
                return FindInBitmap(table, BlockOffset(entry, table), index);
            default:
                throw EntryDamaged(table, entry, "a state of a payload block");
        }
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VhdxImageTruncated", $"VHDX block of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block) => throw new NotSupportedException();

    private MappedRun FindInBitmap(long table, long data, long index)
    {
        long entry = (table - _regions.Bat.Offset) / 8;
        long inChunk = entry % (_blocksPerChunk + 1);
        long bitmapPlace = table + ((_blocksPerChunk - inChunk) * 8);
        ulong bitmapEntry = Entry(bitmapPlace);
        if ((bitmapEntry & StateMask) != 6)
        {
            throw EntryDamaged(bitmapPlace, bitmapEntry, "a sector bitmap block that is present");
        }

        long bitmap = BlockOffset(bitmapEntry, bitmapPlace);
        long first = inChunk * _sectorsPerBlock;
        bool here = IsHere(bitmap, first + index);
        long end = index + 1;
        long limit = Math.Min(_sectorsPerBlock, index + MaxSectorsLookedAt);
        while (end < limit && IsHere(bitmap, first + end) == here)
        {
            end++;
        }

        return new MappedRun(here ? MappedRunKind.Data : MappedRunKind.Absent, (end - index) * BlockSize, data + (index * BlockSize));
    }

    private bool IsHere(long bitmap, long sector) => (_tables.Entry(bitmap + (sector / 8), 1)[0] & (1 << (int)(sector % 8))) != 0;

    private ulong Entry(long place)
    {
        ulong entry = Le.U64(_tables.Entry(place, 8), 0);
        return (entry & ReservedMask) == 0 ? entry : throw EntryDamaged(place, entry, "no reserved bits");
    }

    /// <summary>A block lies within the file, and not where the header, the log or a region is.</summary>
    private long BlockOffset(ulong entry, long place)
    {
        ulong offset = entry & OffsetMask;
        if (offset < Megabyte || IsWithin(_regions.Bat, offset) || IsWithin(_regions.Metadata, offset)
            || IsWithin(new BlockRange(_header.LogOffset, _header.LogLength), offset))
        {
            throw EntryDamaged(place, entry, "a block beside the log, the table and the metadata");
        }

        return offset < (ulong)_file.Length ? (long)offset : throw new DiskFormatException(
            "VhdxImageTruncated", $"VHDX block allocation table of '{Path}'", place, $"a block within the {_file.Length} bytes of the file",
            $"one at {offset}", ImageRemedy.Truncated);
    }

    private static bool IsWithin(BlockRange range, ulong offset) =>
        range.Offset >= 0 && offset >= (ulong)range.Offset && offset < (ulong)range.End;

    private DiskFormatException EntryDamaged(long place, ulong entry, string expected) => new(
        "VhdxBatDamaged", $"VHDX block allocation table of '{Path}'", place, expected, $"0x{entry:X16}", ImageRemedy.Damaged);
}
