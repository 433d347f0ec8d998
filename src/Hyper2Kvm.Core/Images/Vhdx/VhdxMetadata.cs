using System.Numerics;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhdx;

// [MS-VHDX] 2.6 "Metadata Region". A table of 64 KiB: 0 signature "metadata", 10 u16 EntryCount, 32 entries of 32 bytes:
//   GUID, u32 Offset within the region, u32 Length, u32 flags (0 IsUser, 1 IsVirtualDisk, 2 IsRequired), u32 reserved.
// Items: File Parameters (u32 BlockSize, u32 flags: 0 LeaveBlocksAllocated, 1 HasParent), Virtual Disk Size (u64), Logical Sector Size
//   (u32), Physical Sector Size, Virtual Disk ID, Parent Locator (type GUID, u16 reserved, u16 KeyValueCount, 20: entries of 12 bytes:
//   u32 KeyOffset, u32 ValueOffset, u16 KeyLength, u16 ValueLength; UTF-16, offsets within the item).

/// <summary>What a VHDX says of its disk, checked.</summary>
internal sealed record VhdxMetadata
{
    private const int TableSize = 64 * 1024;
    private const int MaxEntries = 2047;
    private const int MaxItemBytes = 1024 * 1024;
    private const int MinBlockSize = 1024 * 1024;
    private const int MaxBlockSize = 256 * 1024 * 1024;
    private const ulong MaxDiskSize = 64UL << 40;
    private const string Damage = "VhdxMetadataDamaged";

    private static readonly Guid s_fileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    private static readonly Guid s_virtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    private static readonly Guid s_logicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    private static readonly Guid s_parentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");
    private static readonly Guid s_locatorType = new("B04AEFB7-D19E-4A81-B789-25B8E9445913");
    private static readonly HashSet<Guid> s_known =
    [
        s_fileParameters, s_virtualDiskSize, s_logicalSectorSize, s_parentLocator,
        new("CDA348C7-445D-4471-9CC9-E9885251C556"), // physical sector size
        new("BECA12AB-B2E6-4523-93EF-C309E000C746"), // virtual disk ID
    ];

    public required int BlockSize { get; init; }

    public required bool IsFixed { get; init; }

    public required bool HasParent { get; init; }

    public required long DiskSize { get; init; }

    public required int SectorSize { get; init; }

    /// <summary>The parent locator: keys and values; empty without a parent.</summary>
    public required IReadOnlyDictionary<string, string> Parent { get; init; }

    /// <exception cref="DiskFormatException"><c>VhdxMetadataDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VhdxFeatureUnknown</c>: an item that must be understood.</exception>
    public static VhdxMetadata Read(IBlockDevice file, BlockRange region, string path)
    {
        Dictionary<Guid, byte[]> items = ReadItems(file, region, path);
        byte[] parameters = Item(items, s_fileParameters, 8, path);
        uint block = Le.U32(parameters, 0);
        uint flags = Le.U32(parameters, 4);
        ulong size = Le.U64(Item(items, s_virtualDiskSize, 8, path), 0);
        uint sector = Le.U32(Item(items, s_logicalSectorSize, 4, path), 0);
        Require(
            block is >= MinBlockSize and <= MaxBlockSize && BitOperations.IsPow2(block), path, 0,
            "a block size that is a power of two from 1 to 256 MiB", block);
        Require(flags <= 3, path, 4, "file parameters with known flags", flags);
        Require(sector is 512 or 4096, path, 0, "a logical sector size of 512 or 4096", sector);
        Require(size > 0 && size <= MaxDiskSize && size % sector == 0, path, 0, "a disk of whole sectors up to 64 TiB", size);
        bool hasParent = (flags & 2) != 0;
        return new VhdxMetadata
        {
            BlockSize = (int)block,
            IsFixed = (flags & 1) != 0,
            HasParent = hasParent,
            DiskSize = (long)size,
            SectorSize = (int)sector,
            Parent = hasParent ? ReadLocator(Item(items, s_parentLocator, 20, path), path) : new Dictionary<string, string>(),
        };
    }

    private static Dictionary<Guid, byte[]> ReadItems(IBlockDevice file, BlockRange region, string path)
    {
        byte[] table = new byte[TableSize];
        file.ReadChecked(region.Offset, table, Damage, $"VHDX metadata table of '{path}'");
        int count = Le.U16(table, 10);
        Require(table.AsSpan().StartsWith("metadata"u8), path, region.Offset, "the signature metadata", "other bytes");
        Require(count <= MaxEntries, path, region.Offset + 10, $"at most {MaxEntries} items", count);
        Dictionary<Guid, byte[]> items = [];
        for (int place = 32; place < 32 + (count * 32); place += 32)
        {
            Guid id = new(table.AsSpan(place, 16));
            uint flags = Le.U32(table, place + 24);
            bool isUser = (flags & 1) != 0;
            if (isUser || !s_known.Contains(id))
            {
                RefuseRequired(flags, id, path);
                continue;
            }

            long offset = Le.U32(table, place + 16);
            long length = Le.U32(table, place + 20);
            Require(
                offset >= TableSize && length is > 0 and <= MaxItemBytes && offset + length <= region.Length, path, region.Offset + place,
                "an item within the region, after the table", $"{length} bytes at {offset}");
            byte[] item = new byte[length];
            file.ReadChecked(region.Offset + offset, item, Damage, $"VHDX metadata item of '{path}'");
            Require(items.TryAdd(id, item), path, region.Offset + place, "each item once", id);
        }

        return items;
    }

    private static void RefuseRequired(uint flags, Guid id, string path)
    {
        if ((flags & 4) != 0)
        {
            throw new UnsupportedFeatureException(
                "VhdxFeatureUnknown", $"the VHDX metadata item {id}", $"'{path}'", ImageRemedy.ConvertInHyperV);
        }
    }

    private static Dictionary<string, string> ReadLocator(byte[] item, string path)
    {
        const string Structure = "VHDX parent locator";
        Guid type = new(item.AsSpan(0, 16));
        Require(type == s_locatorType, path, 0, "a parent locator for VHDX", type);
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        int count = Le.U16(item, 18);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = ByteSlice.Take(item, 20 + (i * 12), 12, Damage, $"{Structure} of '{path}'", 0);
            ReadOnlySpan<byte> key = ByteSlice.Take(item, Le.U32(entry, 0), Le.U16(entry, 8), Damage, $"{Structure} of '{path}'", 0);
            ReadOnlySpan<byte> value = ByteSlice.Take(item, Le.U32(entry, 4), Le.U16(entry, 10), Damage, $"{Structure} of '{path}'", 0);
            values[Encoding.Unicode.GetString(key)] = Encoding.Unicode.GetString(value).TrimEnd('\0');
        }

        return values;
    }

    private static byte[] Item(Dictionary<Guid, byte[]> items, Guid id, int length, string path)
    {
        bool found = items.TryGetValue(id, out byte[]? item) && item.Length >= length;
        Require(found, path, 0, $"the item {id} of {length} bytes", item is null ? "none" : $"{item.Length} bytes");
        return item!;
    }

    private static void Require(bool condition, string path, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(Damage, $"VHDX metadata of '{path}'", offset, expected, $"{actual}", ImageRemedy.Damaged);
        }
    }
}
