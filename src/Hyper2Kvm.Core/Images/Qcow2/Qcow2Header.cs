using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt, "Header" and "Header extensions"; all integers big-endian.
//   0  u32 magic "QFI\xfb"            40 u64 l1_table_offset            72  u64 incompatible_features (version 3)
//   4  u32 version (2, 3)             48 u64 refcount_table_offset      80  u64 compatible_features
//   8  u64 backing_file_offset        56 u32 refcount_table_clusters    88  u64 autoclear_features
//  16  u32 backing_file_size          60 u32 nb_snapshots               96  u32 refcount_order
//  20  u32 cluster_bits               64 u64 snapshots_offset          100  u32 header_length
//  24  u64 size                                                        104  u8  compression_type (0 zlib, 1 zstd)
//  32  u32 crypt_method (1 AES, 2 LUKS)
//  36  u32 l1_size (entries)
// incompatible_features: 0 dirty, 1 corrupt, 2 external data file, 3 compression type, 4 extended L2 entries.

/// <summary>The first cluster of a QCOW2 file, checked: every value here can be used as it is.</summary>
internal sealed record Qcow2Header
{
    public const uint Magic = 0x514649FB;
    public const int MinClusterBits = 9;
    public const int MaxClusterBits = 21;
    public const int MaxBackingName = 1023;
    public const int AutoclearOffset = 88;
    public const int SubclustersPerCluster = 32;

    private const int Version2Length = 72;
    private const int Version3Length = 104;
    private const int MaxRefcountOrder = 6;
    private const int MaxL1Bytes = 32 * 1024 * 1024;
    private const int MinSubclusteredBits = 14;

    private const ulong Dirty = 1 << 0;
    private const ulong Corrupt = 1 << 1;
    private const ulong ExternalData = 1 << 2;
    private const ulong CompressionTypeUsed = 1 << 3;
    private const ulong ExtendedL2 = 1 << 4;

    public required int Version { get; init; }

    public required int ClusterBits { get; init; }

    /// <summary>Virtual size in bytes.</summary>
    public required long Size { get; init; }

    public required long L1TableOffset { get; init; }

    public required bool IsZstd { get; init; }

    public required long RefcountTableOffset { get; init; }

    public required long RefcountTableBytes { get; init; }

    /// <summary>Bits of one reference count: a power of two from 1 to 64.</summary>
    public required int RefcountBits { get; init; }

    /// <summary>QEMU did not close the image: its reference counts may be wrong.</summary>
    public required bool IsDirty { get; init; }

    /// <summary>Features that a program which does not know them clears when it writes: those that say that bitmaps are up to date.</summary>
    public required ulong AutoclearFeatures { get; init; }

    /// <summary>L2 entries are extended: each part of a cluster is there, zero or absent by itself.</summary>
    public required bool HasSubclusters { get; init; }

    /// <summary>The data clusters are in a file of their own, which <see cref="Qcow2Extensions.DataFile"/> names.</summary>
    public required bool HasDataFile { get; init; }

    public required uint SnapshotCount { get; init; }

    public required ulong SnapshotsOffset { get; init; }

    /// <summary>As written in the image, or null.</summary>
    public string? BackingFile { get; private init; }

    public Qcow2Extensions Extensions { get; private init; } = Qcow2Extensions.None;

    public int ClusterSize => 1 << ClusterBits;

    /// <summary>Bytes of an L2 entry.</summary>
    public int EntrySize => HasSubclusters ? 16 : 8;

    /// <exception cref="DiskFormatException">The header is damaged or the file is cut short.</exception>
    /// <exception cref="UnsupportedFeatureException">The image uses a feature that is not read.</exception>
    public static Qcow2Header Read(FileBlockDevice file)
    {
        Span<byte> bytes = stackalloc byte[112];
        bytes.Clear();
        file.ReadChecked(0, bytes[..Version2Length], "QcowImageTruncated", $"QCOW2 header of '{file.Path}'");
        uint version = Be.U32(bytes, 4);
        if (version is not (2 or 3))
        {
            throw new UnsupportedFeatureException(
                "QcowVersionNotSupported", $"QCOW version {version}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        if (version == 3)
        {
            file.ReadChecked(0, bytes[..Version3Length], "QcowImageTruncated", $"QCOW2 header of '{file.Path}'");
            if (Be.U32(bytes, 100) > Version3Length)
            {
                file.ReadChecked(0, bytes, "QcowImageTruncated", $"QCOW2 header of '{file.Path}'");
            }
        }

        Require(Be.U32(bytes, 20) is >= MinClusterBits and <= MaxClusterBits, file, 20, "cluster_bits of 9 to 21", Be.U32(bytes, 20));
        RefuseFeatures(bytes, version, file);
        ulong features = version == 2 ? 0 : Be.U64(bytes, 72);
        Qcow2Header header = new()
        {
            Version = (int)version,
            ClusterBits = Be.I32(bytes, 20),
            Size = Be.I64(bytes, 24),
            L1TableOffset = Be.I64(bytes, 40),
            IsZstd = bytes[104] == 1,
            RefcountTableOffset = Be.I64(bytes, 48),
            RefcountTableBytes = (long)Be.U32(bytes, 56) << Be.I32(bytes, 20),
            RefcountBits = version == 2 ? 16 : 1 << (int)Math.Min(Be.U32(bytes, 96), MaxRefcountOrder),
            IsDirty = version == 3 && (Be.U64(bytes, 72) & Dirty) != 0,
            AutoclearFeatures = version == 2 ? 0 : Be.U64(bytes, AutoclearOffset),
            HasSubclusters = (features & ExtendedL2) != 0,
            HasDataFile = (features & ExternalData) != 0,
            SnapshotCount = Be.U32(bytes, 60),
            SnapshotsOffset = Be.U64(bytes, 64),
        };
        header.CheckTables(bytes, file);
        int headerLength = version == 2 ? Version2Length : header.CheckVersion3(bytes, file);
        return header.WithBacking(bytes, headerLength, file);
    }

    private static void RefuseFeatures(ReadOnlySpan<byte> bytes, uint version, FileBlockDevice file)
    {
        uint crypt = Be.U32(bytes, 32);
        Require(crypt <= 2, file, 32, "crypt_method 0 to 2", crypt);
        if (crypt != 0)
        {
            Refuse("QcowEncrypted", crypt == 1 ? "QCOW2 encryption (AES)" : "QCOW2 encryption (LUKS)", ImageRemedy.Convert, file);
        }

        ulong features = version == 2 ? 0 : Be.U64(bytes, 72);
        if ((features & Corrupt) != 0)
        {
            throw new DiskFormatException(
                "QcowMarkedCorrupt", $"QCOW2 header of '{file.Path}'", 72, "an image that QEMU has not marked as corrupt", "the corrupt bit",
                "Keep a copy, then repair it: qemu-img check -r all IMAGE");
        }

        ulong unknown = features & ~(Dirty | ExternalData | CompressionTypeUsed | ExtendedL2);
        if (unknown != 0)
        {
            Refuse("QcowFeatureUnknown", $"the QCOW2 incompatible feature mask 0x{unknown:X}", ImageRemedy.Convert, file);
        }
    }

    private static void Refuse(string errorId, string feature, string remedy, FileBlockDevice file) =>
        throw new UnsupportedFeatureException(errorId, feature, $"'{file.Path}'", remedy);

    internal static void Require(bool condition, FileBlockDevice file, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "QcowHeaderDamaged", $"QCOW2 header of '{file.Path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }

    private void CheckTables(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        Require(
            !HasSubclusters || ClusterBits >= MinSubclusteredBits, file, 20, $"cluster_bits of {MinSubclusteredBits} or more for extended L2 entries",
            ClusterBits);
        long perTable = (long)ClusterSize * (ClusterSize / EntrySize);
        Require(Size >= 0 && Size <= long.MaxValue - perTable, file, 24, "a virtual size", Be.U64(bytes, 24));
        long needed = (Size + perTable - 1) / perTable;
        uint l1Size = Be.U32(bytes, 36);
        Require(l1Size >= needed && l1Size <= MaxL1Bytes / 8, file, 36, $"an L1 table of {needed} to {MaxL1Bytes / 8} entries", l1Size);
        Require(needed == 0 || IsClusterOf(L1TableOffset), file, 40, "a cluster's offset for the L1 table", L1TableOffset);
        if (needed * 8 > file.Length - L1TableOffset)
        {
            throw new DiskFormatException(
                "QcowImageTruncated", $"QCOW2 L1 table of '{file.Path}'", L1TableOffset, $"{needed * 8} bytes", "the end of the file",
                ImageRemedy.Truncated);
        }

        CheckRefcountTable(Be.I64(bytes, 48), Be.U32(bytes, 56), needed * 8, file);
    }

    /// <summary>Refcounts do not matter for reading, but their table must not be where the L1 table is said to be.</summary>
    private void CheckRefcountTable(long offset, uint clusters, long l1Bytes, FileBlockDevice file)
    {
        Require(IsClusterOf(offset) && offset < file.Length, file, 48, "a cluster's offset for the refcount table", offset);
        bool apart = l1Bytes == 0 || offset >= L1TableOffset + l1Bytes || L1TableOffset - offset >= (long)clusters * ClusterSize;
        Require(apart, file, 40, "an L1 table beside the refcount table", $"L1 table at 0x{L1TableOffset:X}, refcount table at 0x{offset:X}");
    }

    private bool IsClusterOf(long offset) => offset > 0 && offset % ClusterSize == 0;

    private int CheckVersion3(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        Require(Be.U32(bytes, 96) <= MaxRefcountOrder, file, 96, "refcount_order of 0 to 6", Be.U32(bytes, 96));
        uint length = Be.U32(bytes, 100);
        Require(length >= Version3Length && length % 8 == 0 && length <= ClusterSize, file, 100, "header_length of 104 or more", length);
        bool used = (Be.U64(bytes, 72) & CompressionTypeUsed) != 0;
        int type = length > Version3Length ? bytes[104] : 0;
        Require(used == (type != 0), file, 104, "compression_type and its feature bit to agree", type);
        if (type > 1)
        {
            Refuse("QcowCompressionUnknown", $"QCOW2 compression type {type}", ImageRemedy.Convert, file);
        }

        return (int)length;
    }

    private Qcow2Header WithBacking(ReadOnlySpan<byte> bytes, int headerLength, FileBlockDevice file)
    {
        ulong offset = Be.U64(bytes, 8);
        uint size = Be.U32(bytes, 16);
        byte[] cluster = new byte[Math.Min(ClusterSize, file.Length)];
        file.Read(0, cluster);
        long end = offset == 0 ? cluster.Length : (long)Math.Min(offset, (ulong)cluster.Length);
        Qcow2Header header = this with { Extensions = Qcow2Extensions.Read(cluster.AsSpan(0, (int)end), headerLength, file) };
        Require(
            !HasDataFile || header.Extensions.DataFile is not null, file, 72, "a header extension with the name of the external data file", "none");
        if (offset == 0)
        {
            return header;
        }

        Require(size is > 0 and <= MaxBackingName, file, 16, "a backing file name of 1 to 1023 bytes", size);
        Require(
            offset >= (ulong)headerLength && offset <= (ulong)cluster.Length && offset + size <= (ulong)cluster.Length, file, 8,
            "a backing file name within the first cluster", offset);
        string name = Encoding.UTF8.GetString(cluster, (int)offset, (int)size);
        Require(!name.Contains('\0', StringComparison.Ordinal), file, (long)offset, "a file name", "NUL in the backing file name");
        return header with { BackingFile = name };
    }
}
