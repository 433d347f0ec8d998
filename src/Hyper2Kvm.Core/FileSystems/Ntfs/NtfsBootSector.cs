using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// The first sector of a volume; a copy lies in the sector after its last one (Windows Internals, "NTFS on-disk structure").
//   0x003  8  "NTFS    "                    0x030  8  LCN of $MFT
//   0x00B  2  bytes per sector              0x038  8  LCN of $MFTMirr
//   0x00D  1  sectors per cluster; above    0x040  1  clusters per file record; negative: 2^-n bytes
//             0x80: 2^(256-n)               0x044  1  clusters per index block; negative: 2^-n bytes
//   0x01C  4  hidden sectors                0x048  8  volume serial number
//   0x028  8  sectors of the volume         0x1FE  2  0xAA55

/// <summary>Geometry of an NTFS volume.</summary>
/// <param name="SectorSize">Bytes.</param>
/// <param name="ClusterSize">Bytes, 512 to 2 MiB.</param>
/// <param name="FileRecordSize">Bytes, 1024 or 4096 in practice.</param>
/// <param name="IndexBlockSize">Bytes.</param>
/// <param name="ClusterCount">Whole clusters of the volume.</param>
/// <param name="MftLcn">First cluster of $MFT.</param>
/// <param name="MftMirrorLcn">First cluster of $MFTMirr.</param>
/// <param name="SerialNumber">As <c>vol</c> shows its lower half.</param>
public readonly record struct NtfsBootSector(
    int SectorSize, int ClusterSize, int FileRecordSize, int IndexBlockSize, long ClusterCount, long MftLcn, long MftMirrorLcn, ulong SerialNumber)
{
    /// <summary>Bytes that are read.</summary>
    public const int Size = 512;

    private const string ErrorId = "NtfsBootSectorDamaged";

    private static ReadOnlySpan<byte> OemId => "NTFS    "u8;

    /// <summary>Bytes that the clusters take.</summary>
    public long ClusterBytes => ClusterCount * ClusterSize;

    /// <summary>True when the sector carries the NTFS name; BitLocker and ReFS volumes do not.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> sector) =>
        sector.Length >= Size && sector.Slice(0x03, 8).SequenceEqual(OemId);

    /// <exception cref="DiskFormatException"><c>NtfsBootSectorDamaged</c>: a field cannot be.</exception>
    public static NtfsBootSector Read(ReadOnlySpan<byte> sector)
    {
        Require(HasSignature(sector), 0x03, "'NTFS    '", "another name");
        Require(Le.U16(sector, 0x1FE) == 0xAA55, 0x1FE, "0xAA55", Hex(Le.U16(sector, 0x1FE)));
        int sectorSize = Le.U16(sector, 0x0B);
        Require(sectorSize is 512 or 1024 or 2048 or 4096, 0x0B, "512 to 4096 bytes per sector", Hex(sectorSize));
        int clusterSize = ReadClusterSize(sector[0x0D], sectorSize);
        int recordSize = ReadRecordSize(sector, 0x40, clusterSize);
        int indexSize = ReadRecordSize(sector, 0x44, clusterSize);
        long sectors = Le.I64(sector, 0x28);
        Require(sectors > 0 && sectors <= long.MaxValue / 4096, 0x28, "a number of sectors", Hex(sectors));
        long clusters = sectors / (clusterSize / sectorSize);
        long mft = Le.I64(sector, 0x30);
        long mirror = Le.I64(sector, 0x38);
        Require(mft > 0 && mft < clusters, 0x30, "a cluster of the volume", Hex(mft));
        Require(mirror > 0 && mirror < clusters, 0x38, "a cluster of the volume", Hex(mirror));
        return new NtfsBootSector(sectorSize, clusterSize, recordSize, indexSize, clusters, mft, mirror, Le.U64(sector, 0x48));
    }

    private static int ReadClusterSize(byte encoded, int sectorSize)
    {
        int shift = 256 - encoded;
        Require(encoded is > 0 and <= 0x80 || shift <= 12, 0x0D, "sectors per cluster", Hex(encoded));
        int sectors = encoded <= 0x80 ? encoded : 1 << shift;
        Require((sectors & (sectors - 1)) == 0, 0x0D, "a power of two of sectors per cluster", Hex(encoded));
        Require((long)sectors * sectorSize <= 2 << 20, 0x0D, "clusters of at most 2 MiB", Hex(encoded));
        return sectors * sectorSize;
    }

    private static int ReadRecordSize(ReadOnlySpan<byte> sector, int offset, int clusterSize)
    {
        int encoded = unchecked((sbyte)sector[offset]);
        Require(encoded is > 0 and <= 64 or < -8 and >= -16, offset, "a record size", Hex(sector[offset]));
        long size = encoded > 0 ? (long)encoded * clusterSize : 1L << -encoded;
        Require(size is >= 512 and <= 64 * 1024 && (size & (size - 1)) == 0, offset, "a record of 512 bytes to 64 KiB", Hex(size));
        return (int)size;
    }

    private static string Hex(long value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:X}");

    private static void Require(bool holds, int offset, string expected, string actual)
    {
        if (!holds)
        {
            throw new DiskFormatException(ErrorId, "NTFS boot sector", offset, expected, actual, "Run chkdsk in the guest before migrating it.");
        }
    }
}
