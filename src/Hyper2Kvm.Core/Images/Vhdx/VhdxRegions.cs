using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhdx;

// [MS-VHDX] 2.2.3 "Region Tables"; 64 KiB at 192 KiB and again at 256 KiB, little-endian.
//   0 signature "regi"   4 u32 CRC-32C   8 u32 EntryCount   16 entries of 32 bytes: GUID, u64 FileOffset, u32 Length, u32 Required

/// <summary>Where the regions of a VHDX are: the block allocation table and the metadata.</summary>
internal sealed record VhdxRegions
{
    private const int Size = 64 * 1024;
    private const long First = 192 * 1024;
    private const long Second = 256 * 1024;
    private const int MaxEntries = 2047;
    private const long Alignment = 1024 * 1024;

    private static readonly Guid s_bat = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    private static readonly Guid s_metadata = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    public required BlockRange Bat { get; init; }

    public required BlockRange Metadata { get; init; }

    /// <exception cref="DiskFormatException"><c>VhdxRegionTableDamaged</c>, <c>VhdxImageTruncated</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VhdxFeatureUnknown</c>: a region that must be understood.</exception>
    public static VhdxRegions Read(IBlockDevice file, string path)
    {
        byte[] bytes = new byte[Size];
        if (!IsSound(file, First, bytes, path) && !IsSound(file, Second, bytes, path))
        {
            throw Damaged(path, First, "a region table with its checksum", "none");
        }

        uint count = Le.U32(bytes, 8);
        if (count > MaxEntries)
        {
            throw Damaged(path, First + 8, $"at most {MaxEntries} regions", $"{count}");
        }

        BlockRange bat = default;
        BlockRange metadata = default;
        for (int place = 16; place < 16 + (count * 32); place += 32)
        {
            Guid id = new(bytes.AsSpan(place, 16));
            if (id == s_bat && bat == default)
            {
                bat = Region(bytes.AsSpan(place), file, path);
            }
            else if (id == s_metadata && metadata == default)
            {
                metadata = Region(bytes.AsSpan(place), file, path);
            }
            else if (id == s_bat || id == s_metadata)
            {
                throw Damaged(path, First + place, "each region once", $"region {id} again");
            }
            else if ((Le.U32(bytes, place + 28) & 1) != 0)
            {
                throw new UnsupportedFeatureException("VhdxFeatureUnknown", $"the VHDX region {id}", $"'{path}'", ImageRemedy.ConvertInHyperV);
            }
        }

        bool both = bat != default && metadata != default && (bat.End <= metadata.Offset || metadata.End <= bat.Offset);
        return both ? new VhdxRegions { Bat = bat, Metadata = metadata } : throw Damaged(
            path, First, "a block allocation table and metadata beside each other", $"{bat} and {metadata}");
    }

    private static bool IsSound(IBlockDevice file, long place, byte[] bytes, string path)
    {
        file.ReadChecked(place, bytes, "VhdxImageTruncated", $"VHDX region table of '{path}'");
        return bytes.AsSpan().StartsWith("regi"u8) && Le.U32(bytes, 4) == Crc32C.ComputeWithout(bytes, 4);
    }

    private static BlockRange Region(ReadOnlySpan<byte> entry, IBlockDevice file, string path)
    {
        ulong offset = Le.U64(entry, 16);
        uint length = Le.U32(entry, 24);
        if (offset < (ulong)Alignment || offset % (ulong)Alignment != 0 || length == 0 || length % Alignment != 0)
        {
            throw Damaged(path, First, "a region of whole MiB after the first", $"{length} bytes at {offset}");
        }

        return offset <= (ulong)file.Length && length <= file.Length - (long)offset
            ? new BlockRange((long)offset, length)
            : throw new DiskFormatException(
                "VhdxImageTruncated", $"VHDX region of '{path}'", file.Length, $"{length} bytes at {offset}", "the end of the file",
                ImageRemedy.Truncated);
    }

    private static DiskFormatException Damaged(string path, long offset, string expected, string actual) => new(
        "VhdxRegionTableDamaged", $"VHDX region tables of '{path}'", offset, expected, actual, ImageRemedy.Damaged);
}
