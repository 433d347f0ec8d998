using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Ova;

/// <summary>A disk inside an OVA, read in place.</summary>
public sealed class OvaImage : DiskImage
{
    internal const string Unpack = "Unpack the archive (tar -xf FILE) and name the disk image inside.";

    private readonly string _file;

    private OvaImage(string file, string path, DiskImage disk)
    {
        _file = file;
        Path = path;
        Disk = disk;
    }

    /// <summary>The archive's path where the disk is its only one, else as <see cref="OvaPath"/> says.</summary>
    public override string Path { get; }

    /// <summary>The disk as if it were a file of its own.</summary>
    public DiskImage Disk { get; }

    public override ImageFormat Format => Disk.Format;

    public override string Variant => $"{Disk.Variant} in an OVA";

    public override long Length => Disk.Length;

    public override int SectorSize => Disk.SectorSize;

    public override IReadOnlyList<ImageSnapshot> Snapshots => Disk.Snapshots;

    public override string? Bundle => _file;

    /// <inheritdoc/>
    /// <remarks>QEMU can read a part of a file, named by a <c>json:</c> text. A relative file name in it starts at the folder that QEMU runs
    /// in, not at the overlay's, so the pair could not be moved, and libvirt's QEMU would not find it.</remarks>
    public override string? QemuObstacle => $"it lies inside the archive '{_file}', where an overlay that can be moved cannot name it";

    /// <inheritdoc/>
    internal override string? InPlaceObstacle => "it lies inside an archive";

    public override IReadOnlyList<string> Files => [_file];

    public override void Read(long offset, Span<byte> buffer) => Disk.Read(offset, buffer);

    public override IEnumerable<BlockRange> AllocatedRanges() => Disk.AllocatedRanges();

    internal override DiskRun Locate(long offset, long length) => Disk.Locate(offset, length);

    internal override void ReadRun(MappedRun run, long offset, Span<byte> buffer) => throw new NotSupportedException("Only the disk inside has runs.");

    /// <param name="ova">The archive.</param>
    /// <param name="name">The member, or null for the only disk.</param>
    /// <param name="open">Opens the member by its bytes.</param>
    /// <exception cref="UnsupportedFeatureException"><c>OvaMemberCompressed</c>, <c>OvaInChain</c>, or what the disk's reader refuses.</exception>
    internal static OvaImage Open(OvaFile ova, string? name, Func<FileBlockDevice, ImageLink, DiskImage> open)
    {
        TarMember member = ova.Choose(name);
        FileBlockDevice file = ova.Open(member);
        DiskImage? disk = null;
        bool isRight = false;
        try
        {
            RefuseCompressed(file);
            disk = open(file, ImageLink.Top(file.Path));
            if (disk.Files.Count > 1)
            {
                throw new UnsupportedFeatureException(
                    "OvaInChain", "a disk inside an OVA that needs another file", $"'{file.Path}'", Unpack);
            }

            isRight = true;
            return new OvaImage(ova.FilePath, ova.PathOf(member), disk);
        }
        finally
        {
            if (!isRight)
            {
                disk?.Dispose();
                file.Dispose();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Disk.Dispose();
        }
    }

    /// <summary>ovf:compression="gzip": the whole file is one stream, which cannot be read at any offset.</summary>
    private static void RefuseCompressed(FileBlockDevice file)
    {
        Span<byte> head = stackalloc byte[2];
        if (file.Length < head.Length)
        {
            return;
        }

        file.Read(0, head);
        if (head[0] == 0x1F && head[1] == 0x8B)
        {
            throw new UnsupportedFeatureException(
                "OvaMemberCompressed", "a disk inside an OVA that is compressed as a whole (gzip)", $"'{file.Path}'",
                "Unpack the archive (tar -xf FILE), then the disk (gzip -d DISK.gz), and name the disk image.");
        }
    }
}
