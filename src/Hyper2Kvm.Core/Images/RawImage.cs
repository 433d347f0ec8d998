using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images;

/// <summary>A disk as it is: byte n of the file is byte n of the disk.</summary>
public sealed class RawImage : DiskImage
{
    private const int Sector = 512;

    private readonly FileBlockDevice _file;

    private RawImage(FileBlockDevice file) => _file = file;

    public override string Path => _file.Path;

    public override ImageFormat Format => ImageFormat.Raw;

    public override string Variant => "raw";

    public override long Length => _file.Length;

    public override IReadOnlyList<string> Files => [Path];

    public override void Read(long offset, Span<byte> buffer) => _file.Read(offset, buffer);

    /// <inheritdoc/>
    /// <remarks>Holes of the host's file system count as held.</remarks>
    public override IEnumerable<BlockRange> AllocatedRanges() => [new BlockRange(0, Length)];

    internal override DiskRun Locate(long offset, long length) => _file.IsHole(offset, ref length)
        ? DiskRun.Zeros(length)
        : new DiskRun(this, new MappedRun(MappedRunKind.Data, length, offset), offset);

    internal override void ReadRun(MappedRun run, long offset, Span<byte> buffer) => _file.Read(run.FileOffset, buffer);

    internal override HostRange? FindOwn(long offset, long length) => new HostRange(Path, offset, length);

    /// <summary>Takes over <paramref name="file"/>.</summary>
    /// <exception cref="DiskFormatException">The size is not that of a disk.</exception>
    internal static RawImage Open(FileBlockDevice file)
    {
        if (file.Length < Sector)
        {
            throw new DiskFormatException(
                "ImageTooSmall", $"'{file.Path}'", 0, "a disk image of at least 512 bytes", $"{file.Length} bytes", ImageRemedy.Truncated);
        }

        if (file.Length % Sector != 0)
        {
            throw new DiskFormatException(
                "ImageNotRecognized", $"'{file.Path}'", 0, "the magic of a known format, or whole sectors of 512 bytes",
                $"neither, in {file.Length} bytes", "Is it a disk image, and complete?");
        }

        return new RawImage(file);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }
}
