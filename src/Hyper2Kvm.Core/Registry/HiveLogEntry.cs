using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Registry;

/// <summary>One entry of a transaction log of Windows 8.1 and later: the pages that one flush changed.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "New format".
/// <code>
/// 0x00  4  "HvLE"            0x14  4  number of pages
/// 0x04  4  size              0x18  8  Marvin32 of bytes 0x28 to the end
/// 0x08  4  flags             0x20  8  Marvin32 of bytes 0 to 0x20
/// 0x0C  4  sequence number   0x28     per page u32 offset, u32 size; then the pages
/// 0x10  4  hive bins size
/// </code>
/// </remarks>
/// <param name="Bytes">The whole entry.</param>
internal readonly record struct HiveLogEntry(byte[] Bytes)
{
    public const int FirstEntry = 512;
    private const int HeaderSize = 0x28;
    private const int Alignment = 512;
    private const uint LargestEntry = 256 * 1024 * 1024;

    public uint Flags => Le.U32(Bytes, 0x08);

    public uint Sequence => Le.U32(Bytes, 0x0C);

    public uint BinsSize => Le.U32(Bytes, 0x10);

    public int PageCount => Le.I32(Bytes, 0x14);

    public bool HasRightHashes =>
        Le.U64(Bytes, 0x20) == Marvin32.Hash(Bytes.AsSpan(0, 0x20)) && Le.U64(Bytes, 0x18) == Marvin32.Hash(Bytes.AsSpan(HeaderSize));

    /// <summary>The entry at an offset of the log, or null where no entry starts. Its hashes are not yet checked.</summary>
    public static HiveLogEntry? Read(IBlockDevice log, long offset)
    {
        if (offset > log.Length - HeaderSize)
        {
            return null;
        }

        byte[] header = new byte[HeaderSize];
        log.Read(offset, header);
        uint size = Le.U32(header, 0x04);
        if (!header.AsSpan(0, 4).SequenceEqual("HvLE"u8) || size < HeaderSize || size % Alignment != 0 || size > LargestEntry
            || size > log.Length - offset)
        {
            return null;
        }

        byte[] bytes = new byte[size];
        log.Read(offset, bytes);
        return new HiveLogEntry(bytes);
    }

    /// <summary>The bins size is one, and every page lies within the bins and within the entry.</summary>
    public bool HasRightPages()
    {
        if (BinsSize == 0 || BinsSize % HivePages.PageSize != 0 || BinsSize > int.MaxValue || PageCount < 0
            || PageCount > (Bytes.Length - HeaderSize) / 8)
        {
            return false;
        }

        long data = HeaderSize + ((long)PageCount * 8);
        for (int i = 0; i < PageCount; i++)
        {
            (uint offset, uint size) = Page(i);
            data += size;
            if ((long)offset + size > BinsSize || data > Bytes.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the pages of a checked entry to their places.</summary>
    public void Apply(HivePages pages)
    {
        pages.Resize((int)BinsSize);
        int data = HeaderSize + (PageCount * 8);
        for (int i = 0; i < PageCount; i++)
        {
            (uint offset, uint size) = Page(i);
            pages.Write((int)offset, Bytes.AsSpan(data, (int)size));
            data += (int)size;
        }
    }

    private (uint Offset, uint Size) Page(int index) => (Le.U32(Bytes, HeaderSize + (index * 8)), Le.U32(Bytes, HeaderSize + 4 + (index * 8)));
}
