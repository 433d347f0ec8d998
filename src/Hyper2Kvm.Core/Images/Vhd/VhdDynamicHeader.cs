using System.Numerics;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhd;

// "Virtual Hard Disk Image Format Specification" 1.0, "Dynamic Disk Header Format"; 1024 bytes, big-endian.
//   0 cookie "cxsparse"   28 u32 max table entries     56 u32 parent time stamp
//   8 u64 data offset     32 u32 block size            64 parent unicode name [512], UTF-16 big-endian
//  16 u64 table offset    36 u32 checksum             576 parent locators, 8 of 24 bytes: code, u32 data space, u32 data length,
//  24 u32 version 1.0     40 parent UUID                  u32 reserved, u64 data offset; W2ru, W2ku: UTF-16 little-endian

/// <summary>The header of a dynamic or differencing VHD, checked.</summary>
internal sealed record VhdDynamicHeader
{
    private const int Size = 1024;
    private const int Locators = 576;
    private const int MaxBlockSize = 256 * 1024 * 1024;
    private const int MaxLocatorBytes = 64 * 1024;

    /// <summary>File offset of the block allocation table.</summary>
    public required long TableOffset { get; init; }

    public required long TableEntries { get; init; }

    /// <summary>Bytes of a block without its sector bitmap.</summary>
    public required int BlockSize { get; init; }

    public required Guid ParentId { get; init; }

    /// <summary>Paths of the parent as the disk names them, the best first; none for a dynamic disk.</summary>
    public required IReadOnlyList<string> ParentNames { get; init; }

    /// <exception cref="DiskFormatException"><c>VhdHeaderDamaged</c>, <c>VhdImageTruncated</c>.</exception>
    public static VhdDynamicHeader Read(FileBlockDevice file, VhdFooter footer)
    {
        Span<byte> bytes = stackalloc byte[Size];
        long place = footer.DataOffset <= long.MaxValue ? (long)footer.DataOffset : -1;
        file.ReadChecked(place, bytes, "VhdImageTruncated", $"VHD dynamic disk header of '{file.Path}'");
        Require(bytes.StartsWith("cxsparse"u8), file, place, "the cookie cxsparse", "other bytes");
        uint checksum = VhdChecksum.Compute(bytes, 36);
        Require(Be.U32(bytes, 36) == checksum, file, place + 36, $"the checksum 0x{checksum:X8}", $"0x{Be.U32(bytes, 36):X8}");
        Require(Be.U32(bytes, 24) >> 16 == 1, file, place + 24, "version 1", $"0x{Be.U32(bytes, 24):X8}");
        uint block = Be.U32(bytes, 32);
        Require(
            block is >= 512 and <= MaxBlockSize && BitOperations.IsPow2(block), file, place + 32,
            $"a block size that is a power of two from 512 to {MaxBlockSize}", block);
        long entries = Be.U32(bytes, 28);
        long wanted = ((footer.CurrentSize - 1) / block) + 1;
        Require(entries >= wanted, file, place + 28, $"at least {wanted} table entries, as the size of the disk asks for", entries);
        ulong table = Be.U64(bytes, 16);
        Require(table is >= 512 and <= long.MaxValue && table % 512 == 0, file, place + 16, "the sector of a table", table);
        if ((long)table > file.Length - (wanted * 4))
        {
            throw new DiskFormatException(
                "VhdImageTruncated", $"VHD block allocation table of '{file.Path}'", (long)table, $"{wanted} entries", "the end of the file",
                ImageRemedy.Truncated);
        }

        return new VhdDynamicHeader
        {
            TableOffset = (long)table,
            TableEntries = wanted,
            BlockSize = (int)block,
            ParentId = new Guid(bytes.Slice(40, 16), bigEndian: true),
            ParentNames = footer.Type == VhdType.Differencing ? ReadParentNames(bytes, file) : [],
        };
    }

    /// <summary>Relative first, since disks are copied together; then absolute; last the name in the header.</summary>
    private static List<string> ReadParentNames(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        List<string> names = [];
        ReadLocators(bytes, "W2ru"u8, names, file);
        ReadLocators(bytes, "W2ku"u8, names, file);
        AddName(names, Encoding.BigEndianUnicode.GetString(bytes.Slice(64, 512)));
        return names;
    }

    private static void ReadLocators(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> code, List<string> names, FileBlockDevice file)
    {
        for (int place = Locators; place < Locators + (8 * 24); place += 24)
        {
            if (!bytes.Slice(place, 4).SequenceEqual(code))
            {
                continue;
            }

            uint length = Be.U32(bytes, place + 8);
            ulong offset = Be.U64(bytes, place + 16);
            Require(length is > 0 and <= MaxLocatorBytes, file, place + 8, $"a parent locator of 1 to {MaxLocatorBytes} bytes", length);
            byte[] name = new byte[length];
            file.ReadChecked(
                offset <= long.MaxValue ? (long)offset : -1, name, "VhdImageTruncated", $"VHD parent locator of '{file.Path}'");
            AddName(names, Encoding.Unicode.GetString(name));
        }
    }

    private static void AddName(List<string> names, string text)
    {
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        string name = end < 0 ? text : text[..end];
        if (name.Length > 0 && !names.Contains(name))
        {
            names.Add(name);
        }
    }

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "VhdHeaderDamaged", $"VHD dynamic disk header of '{file.Path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }
}
