using System.Buffers;
using System.IO.Compression;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using ZstdSharp;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt, "Cluster mapping".
// L1 entry: bits 9-55 offset of the L2 table (0: none), 63 refcount is one, the others reserved.
// L2 entry: bit 62 compressed. Standard cluster: bit 0 reads as zeros (version 3), 9-55 file offset (0: none), 63 refcount is one.
//   Compressed, x = 62 - (cluster_bits - 8): bits 0 to x-1 file offset (any byte), x to 61 number of further 512-byte sectors.
//   Extended: a second u64, for each of 32 subclusters bit n "in the file" and bit 32 + n "reads as zeros"; 0 when compressed.
// External data file: offsets are in that file, where 0 is one too and counts by bit 63; nothing is compressed.

/// <summary>A QCOW2 image, versions 2 and 3, with its backing chain. Internal snapshots are listed; the disk is the active state.</summary>
public sealed class Qcow2Image : MappedImage
{
    private const ulong OffsetMask = 0x00FF_FFFF_FFFF_FE00;
    private const ulong RefcountIsOne = 1UL << 63;
    private const ulong CompressedFlag = 1UL << 62;
    private const ulong ZeroFlag = 1;

    private readonly FileBlockDevice _file;
    private readonly FileBlockDevice _data;
    private readonly Qcow2Header _header;
    private readonly TableCache _tables;

    private Qcow2Image(FileBlockDevice file, FileBlockDevice data, Qcow2Header header, DiskImage? backing)
        : base(file, header.ClusterSize / PartsOf(header), header.ClusterSize / header.EntrySize * PartsOf(header))
    {
        _file = file;
        _data = data;
        _header = header;
        Snapshots = Qcow2Snapshots.Read(file, header);
        _tables = new TableCache(file, "QcowImageTruncated", $"QCOW2 tables of '{file.Path}'");
        Backing = backing;
    }

    public override ImageFormat Format => ImageFormat.Qcow2;

    public override string Variant => $"qcow2 version {_header.Version}";

    public override long Length => _header.Size;

    public override DiskImage? Backing { get; }

    public override IReadOnlyList<string> Files => _data == _file ? base.Files : [Path, _data.Path, .. Backing?.Files ?? []];

    public override IReadOnlyList<ImageSnapshot> Snapshots { get; }

    private protected override FileBlockDevice DataFile => _data;

    private protected override int PackedSize => _header.ClusterSize;

    private protected override long BackingLength => Backing!.QemuLength;

    /// <summary>What the header extension of this type holds; null when there is none.</summary>
    public byte[]? Extension(uint type) => _header.Extensions.DataOf(type);

    /// <inheritdoc/>
    internal override string? InPlaceObstacle =>
        _header.IsDirty ? "QEMU did not close it properly"
        : _header.HasDataFile ? "its data is in a file of its own"
        : _header.HasSubclusters ? "its clusters are in parts"
        : _header.SnapshotCount > 0 ? "it has internal snapshots, which share its clusters"
        : null;

    /// <inheritdoc/>
    /// <remarks>A backup by dirty bitmaps would miss the edit if they still counted as up to date.</remarks>
    internal override IReadOnlyList<HostPatch> ChangeMarks()
    {
        if (_header.AutoclearFeatures == 0)
        {
            return [];
        }

        byte[] before = new byte[8];
        Be.U64(before, 0, _header.AutoclearFeatures);
        return [new HostPatch(Path, Qcow2Header.AutoclearOffset, before, new byte[8])];
    }

    /// <summary>Takes over <paramref name="file"/>.</summary>
    internal static Qcow2Image Open(FileBlockDevice file, ImageLink link)
    {
        Qcow2Header header = Qcow2Header.Read(file);
        FileBlockDevice data = header.HasDataFile ? new FileBlockDevice(link.DataFile(header.Extensions.DataFile!)) : file;
        DiskImage? backing = null;
        Qcow2Image? image = null;
        try
        {
            backing = header.BackingFile is null ? null : ImageDetector.OpenBacking(link.Below(header.BackingFile), header.Extensions.BackingFormat);
            image = new Qcow2Image(file, data, header, backing);
            return image;
        }
        finally
        {
            if (image is null)
            {
                data.Dispose();
                backing?.Dispose();
            }
        }
    }

    private protected override long FindTable(long index)
    {
        long place = _header.L1TableOffset + (index * 8);
        ulong entry = Be.U64(_tables.Entry(place, 8), 0);
        long offset = (long)(entry & OffsetMask);
        if ((entry & ~(OffsetMask | RefcountIsOne)) != 0 || offset % _header.ClusterSize != 0)
        {
            throw EntryDamaged("QcowL1EntryDamaged", "L1 entry", place, entry);
        }

        return offset;
    }

    private protected override MappedRun FindBlock(long table, long index)
    {
        int parts = PartsOf(_header);
        int part = (int)(index % parts);
        long place = table + (index / parts * _header.EntrySize);
        ReadOnlySpan<byte> bytes = _tables.Entry(place, _header.EntrySize);
        ulong entry = Be.U64(bytes, 0);
        ulong bitmap = _header.HasSubclusters ? Be.U64(bytes, 8) : 0;
        if ((entry & CompressedFlag) != 0)
        {
            return CompressedCluster(entry, bitmap, place) with { Length = (long)(parts - part) * BlockSize };
        }

        bool zero = _header.Version > 2 && !_header.HasSubclusters && (entry & ZeroFlag) != 0;
        long offset = (long)(entry & OffsetMask);
        if ((entry & ~(OffsetMask | RefcountIsOne | (zero ? ZeroFlag : 0))) != 0 || offset % _header.ClusterSize != 0)
        {
            throw EntryDamaged("QcowL2EntryDamaged", "L2 entry", place, entry);
        }

        bool isThere = offset != 0 || (_header.HasDataFile && (entry & RefcountIsOne) != 0);
        return _header.HasSubclusters ? Subclusters(bitmap, part, isThere ? offset : -1, place)
            : zero ? new MappedRun(MappedRunKind.Zero, BlockSize)
            : isThere ? new MappedRun(MappedRunKind.Data, BlockSize, offset)
            : new MappedRun(MappedRunKind.Absent, BlockSize);
    }

    /// <inheritdoc/>
    /// <remarks>Both the flags of the entries and the reference count itself have to say that the cluster has one user.</remarks>
    private protected override bool IsUnshared(long offset)
    {
        long perTable = (long)BlockSize * (BlockSize / 8);
        ulong directory = Be.U64(_tables.Entry(_header.L1TableOffset + (offset / perTable * 8), 8), 0);
        long table = (long)(directory & OffsetMask);
        ulong entry = Be.U64(_tables.Entry(table + (offset % perTable / BlockSize * 8), 8), 0);
        return (directory & entry & RefcountIsOne) != 0 && Refcount(table) == 1 && Refcount((long)(entry & OffsetMask)) == 1;
    }

    /// <returns>How many users the cluster has at this offset of the file; 0 where the tables do not say.</returns>
    private ulong Refcount(long fileOffset)
    {
        long perBlock = (long)BlockSize * 8 / _header.RefcountBits;
        long cluster = fileOffset / BlockSize;
        long place = cluster / perBlock * 8;
        if (place >= _header.RefcountTableBytes)
        {
            return 0;
        }

        long block = (long)(Be.U64(_tables.Entry(_header.RefcountTableOffset + place, 8), 0) & OffsetMask);
        long bit = cluster % perBlock * _header.RefcountBits;
        if (block == 0)
        {
            return 0;
        }

        int bytes = Math.Max(1, _header.RefcountBits / 8);
        ReadOnlySpan<byte> stored = _tables.Entry(block + (bit / 8), bytes);
        return bytes switch
        {
            8 => Be.U64(stored, 0),
            4 => Be.U32(stored, 0),
            2 => Be.U16(stored, 0),
            _ => ((ulong)stored[0] >> (int)(bit % 8)) & ((1UL << _header.RefcountBits) - 1),
        };
    }

    private protected override void ReadFile(long fileOffset, Span<byte> buffer) =>
        _data.ReadChecked(fileOffset, buffer, "QcowImageTruncated", $"QCOW2 data cluster of '{_data.Path}'");

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _data.Dispose();
        }
    }

    private protected override void Unpack(MappedRun run, long offset, Span<byte> block)
    {
        // The last compressed cluster of a file need not fill its last sector.
        int stored = (int)Math.Clamp(_file.Length - run.FileOffset, 0, run.StoredLength);
        byte[] packed = ArrayPool<byte>.Shared.Rent(run.StoredLength);
        try
        {
            ReadFile(run.FileOffset, packed.AsSpan(0, stored));
            using MemoryStream source = new(packed, 0, stored);
            using Stream unpacking = _header.IsZstd
                ? new DecompressionStream(source, checkEndOfStream: false)
                : new DeflateStream(source, CompressionMode.Decompress);
            int filled = unpacking.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            if (filled < block.Length)
            {
                throw CompressedDamaged(run, $"{filled} bytes", null);
            }
        }
        catch (InvalidDataException error)
        {
            throw CompressedDamaged(run, "not deflate", error);
        }
        catch (ZstdException error)
        {
            throw CompressedDamaged(run, "not zstd", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private DiskFormatException CompressedDamaged(MappedRun run, string actual, Exception? inner) => new(
        "QcowCompressedClusterDamaged", $"compressed QCOW2 cluster of '{Path}'", run.FileOffset, $"{PackedSize} bytes when unpacked", actual,
        ImageRemedy.Damaged, inner);

    private MappedRun CompressedCluster(ulong entry, ulong bitmap, long place)
    {
        int sizeShift = 62 - (_header.ClusterBits - 8);
        long offset = (long)(entry & ((1UL << sizeShift) - 1));
        int sectors = (int)((entry & (CompressedFlag - 1)) >> sizeShift) + 1;
        if (offset == 0 || (entry & RefcountIsOne) != 0 || bitmap != 0 || _header.HasDataFile)
        {
            throw EntryDamaged("QcowL2EntryDamaged", "compressed L2 entry", place, entry);
        }

        return new MappedRun(MappedRunKind.Compressed, PackedSize, offset, (sectors * 512) - (int)(offset % 512));
    }

    /// <param name="bitmap">Second half of the extended entry.</param>
    /// <param name="part">The first subcluster of the run.</param>
    /// <param name="offset">Of the cluster in the file, or -1 when it has none.</param>
    /// <param name="place">Of the entry, for the message.</param>
    private MappedRun Subclusters(ulong bitmap, int part, long offset, long place)
    {
        uint inFile = (uint)(bitmap & uint.MaxValue);
        uint zeros = (uint)(bitmap >> 32);
        if ((inFile & zeros) != 0 || (inFile != 0 && offset < 0))
        {
            throw EntryDamaged("QcowL2EntryDamaged", "bitmap of subclusters", place + 8, bitmap);
        }

        bool isData = IsSet(inFile, part);
        bool isZero = IsSet(zeros, part);
        int end = part + 1;
        while (end < Qcow2Header.SubclustersPerCluster && IsSet(inFile, end) == isData && IsSet(zeros, end) == isZero)
        {
            end++;
        }

        long length = (long)(end - part) * BlockSize;
        return isData ? new MappedRun(MappedRunKind.Data, length, offset + ((long)part * BlockSize))
            : new MappedRun(isZero ? MappedRunKind.Zero : MappedRunKind.Absent, length);
    }

    private static bool IsSet(uint bits, int index) => ((bits >> index) & 1) != 0;

    private static int PartsOf(Qcow2Header header) => header.HasSubclusters ? Qcow2Header.SubclustersPerCluster : 1;

    private DiskFormatException EntryDamaged(string errorId, string structure, long place, ulong entry) => new(
        errorId, $"QCOW2 {structure} of '{Path}'", place, "a cluster's offset and no reserved bits", $"0x{entry:X16}",
        "Keep a copy, then look at the image: qemu-img check IMAGE");
}
