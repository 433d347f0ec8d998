using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vdi;

// VirtualBox, include/VBox/vd.h and Storage/VDICore.h, VDIPREHEADER and VDIHEADER1; little-endian.
//   0x000 text[64]                   0x158 u32 offset of the data      0x17C u32 extra bytes before each block
//   0x040 u32 signature 0xBEDA107F   0x15C u32 x 3 geometry            0x180 u32 number of blocks
//   0x044 u32 version 0x00010001     0x168 u32 sector size             0x184 u32 number of allocated blocks
//   0x048 u32 size of the header     0x16C u32 unused                  0x188 UUID of the image
//   0x04C u32 type, 0x050 u32 flags  0x170 u64 size of the disk        0x198 UUID of the last change
//   0x154 u32 offset of the map      0x178 u32 size of a block         0x1A8 UUID of the parent (link), 0x1B8 of its last change

/// <summary>The header of a VDI, version 1.1, checked; offsets and sizes in bytes.</summary>
internal sealed record VdiHeader
{
    public const uint Magic = 0xBEDA107F;
    public const int MagicOffset = 0x40;
    public const int LastChangeOffset = 0x198;

    private const int Size = 0x1C8;
    private const int Sector = 512;
    private const uint Dynamic = 1;
    private const uint Fixed = 2;
    private const int DataAlignment = 1024 * 1024;
    private const int MaxBlockSize = 256 * 1024 * 1024;

    public required bool IsFixed { get; init; }

    public required long DiskSize { get; init; }

    public required int BlockSize { get; init; }

    public required long MapOffset { get; init; }

    public required long DataOffset { get; init; }

    public required long Blocks { get; init; }

    public required long AllocatedBlocks { get; init; }

    /// <exception cref="DiskFormatException"><c>VdiHeaderDamaged</c>, <c>VdiImageTruncated</c>.</exception>
    /// <exception cref="UnsupportedFeatureException">The version or the kind of image is not read.</exception>
    public static VdiHeader Read(FileBlockDevice file)
    {
        Span<byte> bytes = stackalloc byte[Size];
        file.ReadChecked(0, bytes, "VdiImageTruncated", $"VDI header of '{file.Path}'");
        RefuseKinds(bytes, file);
        ulong disk = Le.U64(bytes, 0x170);
        uint block = Le.U32(bytes, 0x178);
        Require(Le.U32(bytes, 0x168) == Sector, file, 0x168, "sectors of 512 bytes", Le.U32(bytes, 0x168));
        Require(
            block is >= 4096 and <= MaxBlockSize && BitOperations.IsPow2(block), file, 0x178,
            $"a block size that is a power of two from 4096 to {MaxBlockSize}", block);
        Require(disk is > 0 and <= long.MaxValue / 2 && disk % Sector == 0, file, 0x170, "a disk of whole sectors", disk);
        VdiHeader header = new()
        {
            IsFixed = Le.U32(bytes, 0x4C) == Fixed,
            DiskSize = (long)disk,
            BlockSize = (int)block,
            MapOffset = Le.U32(bytes, 0x154),
            DataOffset = Le.U32(bytes, 0x158),
            Blocks = Le.U32(bytes, 0x180),
            AllocatedBlocks = Le.U32(bytes, 0x184),
        };
        header.CheckPlaces(Le.U32(bytes, 0x48), file);
        return header;
    }

    private static void RefuseKinds(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        uint version = Le.U32(bytes, 0x44);
        if (version != 0x0001_0001)
        {
            throw new UnsupportedFeatureException(
                "VdiVersionNotSupported", $"VDI version {version >> 16}.{version & 0xFFFF}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        uint type = Le.U32(bytes, 0x4C);
        bool child = bytes.Slice(0x1A8, 16).ContainsAnyExcept((byte)0);
        if (type is not (Dynamic or Fixed) || child)
        {
            throw new UnsupportedFeatureException(
                "VdiSnapshotNotSupported", $"a VDI that stands on another (differencing image, type {type})", $"'{file.Path}'",
                "Merge the snapshots in VirtualBox first, or clone the disk: VBoxManage clonemedium disk SNAPSHOT TARGET.vdi");
        }

        if (Le.U32(bytes, 0x17C) != 0)
        {
            throw new UnsupportedFeatureException(
                "VdiExtraDataNotSupported", "a VDI with extra data before its blocks", $"'{file.Path}'",
                "Clone the disk in VirtualBox: VBoxManage clonemedium disk SOURCE TARGET.vdi");
        }
    }

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "VdiHeaderDamaged", $"VDI header of '{file.Path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }

    /// <summary>The header has no checksum: that all its places fit together is what tells a sound one.</summary>
    private void CheckPlaces(uint headerSize, FileBlockDevice file)
    {
        long wanted = ((DiskSize - 1) / BlockSize) + 1;
        Require(Blocks == wanted, file, 0x180, $"{wanted} blocks, as the size of the disk asks for", Blocks);
        Require(AllocatedBlocks <= Blocks, file, 0x184, $"at most {Blocks} allocated blocks", AllocatedBlocks);
        Require(headerSize is >= 0x180 and <= 0x1000, file, 0x48, "a header of 0x180 bytes or more", headerSize);
        Require(
            MapOffset >= 0x48 + headerSize && MapOffset % Sector == 0 && MapOffset <= DataAlignment, file, 0x154,
            "the sector of a map after the header", MapOffset);
        long mapEnd = MapOffset + (Blocks * 4);
        long lastStart = ((mapEnd + DataAlignment - 1) / DataAlignment) * DataAlignment;
        Require(
            DataOffset >= mapEnd && DataOffset <= lastStart && DataOffset % Sector == 0, file, 0x158,
            $"data at a sector from {mapEnd} to {lastStart}", DataOffset);
        long held = file.Length - DataOffset;
        if (held < AllocatedBlocks * BlockSize)
        {
            throw new DiskFormatException(
                "VdiImageTruncated", $"VDI data of '{file.Path}'", DataOffset, $"{AllocatedBlocks} blocks of {BlockSize} bytes", $"{held} bytes",
                ImageRemedy.Truncated);
        }

        Require(held % BlockSize == 0, file, 0x158, "whole blocks up to the end of the file", $"{held} bytes");
    }
}
