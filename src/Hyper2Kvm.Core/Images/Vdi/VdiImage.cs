using System.Collections;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vdi;

// VirtualBox, Storage/VDICore.h. The map holds a u32 for each block of the disk: its number among the blocks of the data;
// 0xFFFFFFFF: not allocated, 0xFFFFFFFE: zero (discarded).

/// <summary>A VirtualBox VDI, dynamic or fixed. Differencing images are refused by name.</summary>
public sealed class VdiImage : MappedImage
{
    private const uint FirstMark = 0xFFFFFFFE;
    private const int EntriesPerTable = 16 * 1024;
    private const int QemuBlockSize = 1024 * 1024;

    private readonly FileBlockDevice _file;
    private readonly VdiHeader _header;
    private readonly TableCache _map;

    private VdiImage(FileBlockDevice file, VdiHeader header)
        : base(file, header.BlockSize, EntriesPerTable)
    {
        _file = file;
        _header = header;
        _map = new TableCache(file, "VdiImageTruncated", $"VDI block map of '{file.Path}'");
    }

    public override ImageFormat Format => ImageFormat.Vdi;

    public override string Variant => _header.IsFixed ? "fixed" : "dynamic";

    public override long Length => _header.DiskSize;

    public override string? QemuObstacle =>
        _header.BlockSize == QemuBlockSize ? null : $"the blocks of the VDI have {_header.BlockSize} bytes, not 1 MiB";

    /// <inheritdoc/>
    /// <remarks>The UUID of the last change, which VirtualBox renews too.</remarks>
    internal override IReadOnlyList<HostPatch> ChangeMarks()
    {
        byte[] before = new byte[16];
        HostFile.Read(VdiHeader.LastChangeOffset, before);
        return [new HostPatch(Path, VdiHeader.LastChangeOffset, before, Guid.NewGuid().ToByteArray())];
    }

    /// <summary>Takes over <paramref name="file"/>.</summary>
    internal static VdiImage Open(FileBlockDevice file)
    {
        VdiImage image = new(file, VdiHeader.Read(file));
        image.CheckMap();
        return image;
    }

    private protected override long FindTable(long index) => _header.MapOffset + (index * EntriesPerTable * 4);

    private protected override MappedRun FindBlock(long table, long index)
    {
        uint number = Number(table + (index * 4));
        return number >= FirstMark
            ? new MappedRun(MappedRunKind.Absent, BlockSize)
            : new MappedRun(MappedRunKind.Data, BlockSize, _header.DataOffset + ((long)number * BlockSize));
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _file.ReadChecked(fileOffset, buffer, "VdiImageTruncated", $"VDI block of '{Path}'");

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block) => throw new NotSupportedException();

    /// <summary>Neither header nor map has a checksum: no two blocks of the disk may have the same block of the file.</summary>
    private void CheckMap()
    {
        BitArray taken = new((int)Math.Min(_header.AllocatedBlocks, int.MaxValue));
        for (long block = 0; block < _header.Blocks; block++)
        {
            long place = _header.MapOffset + (block * 4);
            uint number = Number(place);
            if (number >= FirstMark)
            {
                continue;
            }

            if (taken[(int)number])
            {
                throw MapDamaged(place, "a block that no other entry names", number);
            }

            taken[(int)number] = true;
        }
    }

    private uint Number(long place)
    {
        uint number = Le.U32(_map.Entry(place, 4), 0);
        return number >= FirstMark || number < Math.Min(_header.AllocatedBlocks, int.MaxValue)
            ? number
            : throw MapDamaged(place, $"one of {_header.AllocatedBlocks} blocks", number);
    }

    private DiskFormatException MapDamaged(long place, string expected, uint number) => new(
        "VdiMapDamaged", $"VDI block map of '{Path}'", place, expected, $"block {number}", ImageRemedy.Damaged);
}
