using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

// Volume Shadow Copy Service, as described for libvshadow ("Volume Shadow Snapshot (VSS) format"): at 0x1E00 of the volume a header,
// GUID 3808876b-c176-4e48-b7ae-04046e6cc752, u32 version, u32 record type 1, offset of the catalogue at 0x30. A catalogue block has 16 KiB:
// the same GUID, type 2, offset of the next block at 0x28; from 0x80 on entries of 128 bytes, u64 type: 2 and 3 belong to a shadow copy.

/// <summary>Tells whether a volume has shadow copies: they still need clusters that the volume's own bitmap calls free.</summary>
internal static class ShadowCopies
{
    private const int HeaderOffset = 0x1E00;
    private const int BlockSize = 16 * 1024;
    private const int EntrySize = 128;
    private const int MaxBlocks = 1024;

    private static readonly Guid s_id = new("3808876b-c176-4e48-b7ae-04046e6cc752");

    /// <summary>Also true when the catalogue is damaged: nobody knows then.</summary>
    public static bool Has(IBlockDevice volume)
    {
        byte[] block = new byte[BlockSize];
        if (volume.Length < HeaderOffset + 512)
        {
            return false;
        }

        volume.Read(HeaderOffset, block.AsSpan(0, 512));
        if (!IsRecord(block, 1))
        {
            return false;
        }

        long offset = Le.I64(block, 0x30);
        for (int blocks = 0; offset != 0; blocks++)
        {
            if (offset < 0 || offset > volume.Length - BlockSize || blocks == MaxBlocks)
            {
                return true;
            }

            volume.Read(offset, block);
            if (!IsRecord(block, 2) || HasEntry(block))
            {
                return true;
            }

            offset = Le.I64(block, 0x28);
        }

        return false;
    }

    private static bool HasEntry(ReadOnlySpan<byte> block)
    {
        for (int at = EntrySize; at < BlockSize; at += EntrySize)
        {
            if (Le.U64(block, at) > 1)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsRecord(ReadOnlySpan<byte> bytes, uint type) => new Guid(bytes[..16]) == s_id && Le.U32(bytes, 20) == type;
}
