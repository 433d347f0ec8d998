using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhd;

// "Virtual Hard Disk Image Format Specification" 1.0. Block allocation table: u32 sector of each block, 0xFFFFFFFF: none.
// A block: a bitmap with a bit for each of its sectors, highest bit first, padded to whole sectors; then the sectors.
// Differencing: a set bit says that the sector is in this disk, else it is in the parent. Dynamic: what was never written is zero,
// so the sectors themselves are right whatever the bitmap says, and are what QEMU and Hyper-V give.

/// <summary>A VHD (Virtual PC, Hyper-V, Azure, XenServer): fixed, dynamic, or differencing with its parents.</summary>
public sealed class VhdImage : MappedImage
{
    private const int Sector = 512;
    private const uint Unused = uint.MaxValue;
    private const int MaxSectorsLookedAt = 1024;
    private const int SectorsPerFixedTable = 1 << 21;

    /// <summary>What the overlay of an edit holds for QEMU at most: a cylinder has up to 2 MiB.</summary>
    private const long MaxQemuGap = 64 * 1024 * 1024;

    private readonly FileBlockDevice _file;
    private readonly VhdFooter _footer;
    private readonly VhdDynamicHeader? _header;
    private readonly TableCache _tables;
    private readonly int _sectorsPerTable;
    private readonly int _bitmapSize;

    private VhdImage(FileBlockDevice file, VhdFooter footer, VhdDynamicHeader? header, VhdImage? parent)
        : base(file, Sector, header is null ? SectorsPerFixedTable : header.BlockSize / Sector)
    {
        _file = file;
        _footer = footer;
        _header = header;
        _tables = new TableCache(file, "VhdImageTruncated", $"VHD block allocation table of '{file.Path}'");
        _sectorsPerTable = header is null ? SectorsPerFixedTable : header.BlockSize / Sector;
        _bitmapSize = ((_sectorsPerTable - 1) / (Sector * 8) + 1) * Sector;
        Backing = parent;
    }

    public override ImageFormat Format => ImageFormat.Vhd;

    public override string Variant => _footer.Type switch
    {
        VhdType.Fixed => "fixed",
        VhdType.Dynamic => "dynamic",
        _ => "differencing",
    };

    public override long Length => _footer.CurrentSize;

    public override long QemuLength => Math.Min(_footer.QemuSize, Length);

    public override DiskImage? Backing { get; }

    public override string? QemuObstacle =>
        _footer.Type == VhdType.Differencing ? "QEMU does not read the parent of a differencing VHD"
        : _footer.Type == VhdType.Dynamic && !_footer.HasCopy ? "the copy of the VHD's footer at its start is damaged"
        : _footer.Type == VhdType.Fixed && !_footer.IsWhole ? "QEMU does not know the footer of 511 bytes of an old VHD"
        : Length - QemuLength > MaxQemuGap ? "the VHD's geometry, by which QEMU goes, is far smaller than the disk"
        : null;

    /// <summary>Takes over <paramref name="file"/>.</summary>
    internal static VhdImage Open(FileBlockDevice file, VhdFooter footer, ImageLink link)
    {
        if (footer.Type == VhdType.Fixed)
        {
            return footer.CurrentSize <= footer.DataEnd ? new VhdImage(file, footer, null, null) : throw new DiskFormatException(
                "VhdImageTruncated", $"fixed VHD '{file.Path}'", footer.DataEnd, $"{footer.CurrentSize} bytes before the footer",
                "the footer", ImageRemedy.Truncated);
        }

        VhdDynamicHeader header = VhdDynamicHeader.Read(file, footer);
        VhdImage image = new(file, footer, header, footer.Type == VhdType.Dynamic ? null : OpenParent(header, link));
        return OrDispose(image, image.CheckBlocks);
    }

    /// <summary>The table has no checksum: that each block is within the file and no two share a sector is what tells a sound one.</summary>
    private void CheckBlocks()
    {
        List<long> blocks = [];
        for (long i = 0; i < _header!.TableEntries; i++)
        {
            if (FindTable(i) is > 0 and long block)
            {
                blocks.Add(block);
            }
        }

        blocks.Sort();
        for (int i = 1; i < blocks.Count; i++)
        {
            if (blocks[i] < blocks[i - 1] + _bitmapSize + _header.BlockSize)
            {
                throw new DiskFormatException(
                    "VhdTableDamaged", $"VHD block allocation table of '{Path}'", _header.TableOffset, "blocks beside each other",
                    $"two at sectors {blocks[i - 1] / Sector} and {blocks[i] / Sector}", ImageRemedy.Damaged);
            }
        }
    }

    private static VhdImage OpenParent(VhdDynamicHeader header, ImageLink link)
    {
        VhdImage parent = (VhdImage)ImageDetector.OpenBacking(link.BelowWindows(header.ParentNames), ImageFormat.Vhd.QemuName());
        if (parent._footer.Id == header.ParentId)
        {
            return parent;
        }

        parent.Dispose();
        throw ImageLink.ParentChanged(link.Path, parent.Path, $"the UUID {header.ParentId}", $"{parent._footer.Id}");
    }

    /// <returns>File offset of the block's bitmap; for a fixed disk the number of the table plus 1.</returns>
    private protected override long FindTable(long index)
    {
        if (_header is null)
        {
            return index + 1;
        }

        long place = _header.TableOffset + (index * 4);
        uint entry = Be.U32(_tables.Entry(place, 4), 0);
        if (entry == Unused)
        {
            return 0;
        }

        long block = (long)entry * Sector;
        long end = block + _bitmapSize + _header.BlockSize;
        bool apart = block >= Sector && (end <= _header.TableOffset || block >= _header.TableOffset + (_header.TableEntries * 4));
        if (!apart || end > _footer.DataEnd)
        {
            throw new DiskFormatException(
                apart ? "VhdImageTruncated" : "VhdTableDamaged", $"VHD block allocation table of '{Path}'", place,
                "a block within the file, beside the tables", $"sector {entry}", apart ? ImageRemedy.Truncated : ImageRemedy.Damaged);
        }

        return block;
    }

    private protected override MappedRun FindBlock(long table, long index)
    {
        if (_header is null)
        {
            return new MappedRun(
                MappedRunKind.Data, (_sectorsPerTable - index) * Sector, (((table - 1) * _sectorsPerTable) + index) * Sector);
        }

        long data = table + _bitmapSize + (index * Sector);
        if (Backing is null)
        {
            return new MappedRun(MappedRunKind.Data, (_sectorsPerTable - index) * Sector, data);
        }

        bool here = IsHere(table, index);
        long end = index + 1;
        long limit = Math.Min(_sectorsPerTable, index + MaxSectorsLookedAt);
        while (end < limit && IsHere(table, end) == here)
        {
            end++;
        }

        return new MappedRun(here ? MappedRunKind.Data : MappedRunKind.Absent, (end - index) * Sector, data);
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VhdImageTruncated", $"VHD block of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block) => throw new NotSupportedException();

    private bool IsHere(long bitmap, long sector) => (_tables.Entry(bitmap + (sector / 8), 1)[0] & (0x80 >> (int)(sector % 8))) != 0;
}
