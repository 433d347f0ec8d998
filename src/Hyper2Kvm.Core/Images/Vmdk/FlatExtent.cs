using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

/// <summary>An extent whose bytes are where the file has them, from some offset on.</summary>
internal sealed class FlatExtent : DiskImage
{
    private const int Sector = SparseExtentHeader.Sector;

    private readonly FileBlockDevice _file;
    private readonly BlockSlice _slice;

    /// <param name="file">The extent, taken over.</param>
    /// <param name="line">What the descriptor says of it.</param>
    /// <exception cref="DiskFormatException"><c>VmdkImageTruncated</c>: the file is shorter than the descriptor says.</exception>
    public FlatExtent(FileBlockDevice file, VmdkExtentLine line)
    {
        BlockRange range = new(line.Offset * Sector, line.Sectors * Sector);
        if (range.End > file.Length)
        {
            throw new DiskFormatException(
                "VmdkImageTruncated", $"VMDK extent '{file.Path}'", file.Length, $"{range.End} bytes as the descriptor says", $"{file.Length}",
                ImageRemedy.Truncated);
        }

        _file = file;
        _slice = new BlockSlice(file, range);
    }

    public override string Path => _file.Path;

    public override ImageFormat Format => ImageFormat.Vmdk;

    public override string Variant => VmdkExtentLine.Flat;

    public override long Length => _slice.Length;

    public override IReadOnlyList<string> Files => [Path];

    public override void Read(long offset, Span<byte> buffer) => _slice.Read(offset, buffer);

    /// <inheritdoc/>
    /// <remarks>Holes of the host's file system count as held.</remarks>
    public override IEnumerable<BlockRange> AllocatedRanges() => [new BlockRange(0, Length)];

    internal override DiskRun Locate(long offset, long length) => _file.IsHole(_slice.Range.Offset + offset, ref length)
        ? DiskRun.Zeros(length)
        : new DiskRun(this, new MappedRun(MappedRunKind.Data, length, _slice.Range.Offset + offset), offset);

    internal override void ReadRun(MappedRun run, long offset, Span<byte> buffer) => _file.Read(run.FileOffset, buffer);

    internal override HostRange? FindOwn(long offset, long length) => new HostRange(Path, _slice.Range.Offset + offset, length);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }
}
