using System.Globalization;
using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

// Microsoft FAT specification (fatgen103), section 3: boot sector and BPB. Little-endian.
//
//   0x00  3  BS_jmpBoot        0x13  2  BPB_TotSec16     FAT32 only:
//   0x03  8  BS_OEMName        0x15  1  BPB_Media        0x24  4  BPB_FATSz32     0x30  2  BPB_FSInfo
//   0x0B  2  BPB_BytsPerSec    0x16  2  BPB_FATSz16      0x28  2  BPB_ExtFlags    0x32  2  BPB_BkBootSec
//   0x0D  1  BPB_SecPerClus    0x20  4  BPB_TotSec32     0x2A  2  BPB_FSVer       0x41  1  BS_Reserved1 (dirty bits)
//   0x0E  2  BPB_RsvdSecCnt    0x25  1  BS_Reserved1     0x2C  4  BPB_RootClus    0x47 11  BS_VolLab
//   0x10  1  BPB_NumFATs       0x2B 11  BS_VolLab
//   0x11  2  BPB_RootEntCnt   0x1FE  2  55 AA

/// <summary>Geometry of a FAT volume. Offsets and lengths are bytes within the volume.</summary>
/// <param name="Type">By BPB_FATSz16 = 0 (FAT32, as every driver decides) and else by the count of clusters.</param>
/// <param name="SectorSize">512 to 4096.</param>
/// <param name="ClusterSize">Bytes.</param>
/// <param name="FatOffset">The first copy of the file allocation table.</param>
/// <param name="FatLength">Bytes of one copy.</param>
/// <param name="FatCount">Copies.</param>
/// <param name="ActiveFat">The copy to read.</param>
/// <param name="Mirrored">All copies are kept alike; else only the active one is kept.</param>
/// <param name="RootOffset">The fixed root directory of FAT12 and FAT16.</param>
/// <param name="RootEntries">Its entries; 0 for FAT32.</param>
/// <param name="RootCluster">First cluster of the root directory of FAT32; else 0.</param>
/// <param name="DataOffset">Cluster 2.</param>
/// <param name="ClusterCount">The last cluster's number is one higher.</param>
/// <param name="FsInfoOffset">The FSInfo sector; 0 when there is none.</param>
/// <param name="BackupOffset">The backup boot sector; 0 when there is none.</param>
/// <param name="DirtyBits">The byte in which Windows keeps bit 0 = dirty, bit 1 = surface scan wanted.</param>
internal readonly record struct FatBootSector(
    FatType Type,
    int SectorSize,
    int ClusterSize,
    long FatOffset,
    long FatLength,
    int FatCount,
    int ActiveFat,
    bool Mirrored,
    long RootOffset,
    int RootEntries,
    uint RootCluster,
    long DataOffset,
    uint ClusterCount,
    long FsInfoOffset,
    long BackupOffset,
    byte DirtyBits)
{
    public const int Size = 512;
    private const string Damaged = "FatBootSectorDamaged";
    private const uint MaximumClusters = 0x0FFF_FFF5;

    /// <summary>Whether these bytes are a FAT boot sector at all; NTFS, exFAT and BitLocker are not.</summary>
    public static bool IsBootSector(ReadOnlySpan<byte> bytes)
    {
        int sectorSize = Le.U16(bytes, 0x0B);
        return bytes[0x1FE] == 0x55 && bytes[0x1FF] == 0xAA
            && (bytes[0] == 0xEB || bytes[0] == 0xE9)
            && !bytes[3..].StartsWith("NTFS    "u8) && !bytes[3..].StartsWith("EXFAT   "u8) && !bytes[3..].StartsWith("-FVE-FS-"u8)
            && sectorSize is >= 512 and <= 4096 && BitOperations.IsPow2(sectorSize)
            && BitOperations.IsPow2((uint)bytes[0x0D])
            && Le.U16(bytes, 0x0E) != 0 && bytes[0x10] != 0 && (bytes[0x15] == 0xF0 || bytes[0x15] >= 0xF8);
    }

    /// <exception cref="DiskFormatException"><c>FatBootSectorDamaged</c>.</exception>
    public static FatBootSector Read(ReadOnlySpan<byte> bytes, long deviceLength)
    {
        Require(IsBootSector(bytes), 0, "a FAT boot sector", "other bytes");
        int sector = Le.U16(bytes, 0x0B);
        bool fat32 = Le.U16(bytes, 0x16) == 0;
        long sectors = Le.U16(bytes, 0x13) != 0 ? Le.U16(bytes, 0x13) : Le.U32(bytes, 0x20);
        long fatSectors = fat32 ? Le.U32(bytes, 0x24) : Le.U16(bytes, 0x16);
        int rootEntries = fat32 ? 0 : Le.U16(bytes, 0x11);
        Require(fatSectors != 0, 0x24, "the length of a FAT", "0");
        Require(fat32 || rootEntries != 0, 0x11, "entries in the root directory", "0");
        Require(sectors * sector <= deviceLength, 0x20, string.Create(CultureInfo.InvariantCulture, $"at most {deviceLength} bytes"),
            string.Create(CultureInfo.InvariantCulture, $"{sectors} sectors of {sector} bytes"));

        long rootSector = Le.U16(bytes, 0x0E) + (bytes[0x10] * fatSectors);
        long dataSector = rootSector + (((rootEntries * 32L) + sector - 1) / sector);
        Require(dataSector < sectors, 0x20, "room for clusters", "a data area that starts behind the end");
        long clusters = (sectors - dataSector) / bytes[0x0D];
        Require(clusters is > 0 and <= MaximumClusters, 0x20, "a possible count of clusters", clusters.ToString(CultureInfo.InvariantCulture));
        FatType type = fat32 ? FatType.Fat32 : clusters < 4085 ? FatType.Fat12 : FatType.Fat16;
        long addressable = (fatSectors * sector * 8 / (int)type) - 2;
        Require(addressable > 0, 0x24, "a FAT with entries", "a shorter one");
        clusters = Math.Min(clusters, type == FatType.Fat16 ? Math.Min(addressable, 65524) : addressable);
        return Place(bytes, new FatBootSector
        {
            Type = type,
            SectorSize = sector,
            ClusterSize = sector * bytes[0x0D],
            FatOffset = (long)Le.U16(bytes, 0x0E) * sector,
            FatLength = fatSectors * sector,
            FatCount = bytes[0x10],
            Mirrored = true,
            RootOffset = rootSector * sector,
            RootEntries = rootEntries,
            DataOffset = dataSector * sector,
            ClusterCount = (uint)clusters,
            DirtyBits = bytes[fat32 ? 0x41 : 0x25],
        });
    }

    /// <summary>What only FAT32 has.</summary>
    private static FatBootSector Place(ReadOnlySpan<byte> bytes, FatBootSector boot)
    {
        if (boot.Type != FatType.Fat32)
        {
            return boot;
        }

        int flags = Le.U16(bytes, 0x28);
        int active = (flags & 0x80) != 0 ? flags & 0x0F : 0;
        int reserved = Le.U16(bytes, 0x0E);
        int info = Le.U16(bytes, 0x30);
        int backup = Le.U16(bytes, 0x32);
        Require(Le.U16(bytes, 0x2A) == 0, 0x2A, "FAT32 version 0.0", "a later one");
        Require(active < boot.FatCount, 0x28, "an active FAT that exists", active.ToString(CultureInfo.InvariantCulture));
        return boot with
        {
            ActiveFat = active,
            Mirrored = (flags & 0x80) == 0,
            RootCluster = Le.U32(bytes, 0x2C),
            FsInfoOffset = info is > 0 and < 0xFFFF && info < reserved ? (long)info * boot.SectorSize : 0,
            BackupOffset = backup is > 0 and < 0xFFFF && backup < reserved ? (long)backup * boot.SectorSize : 0,
        };
    }

    /// <summary>Where a cluster's bytes are; the number must have been checked.</summary>
    public long OffsetOf(uint cluster) => DataOffset + ((cluster - 2L) * ClusterSize);

    private static void Require(bool condition, long offset, string expected, string actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(Damaged, "FAT boot sector", offset, expected, actual);
        }
    }
}
