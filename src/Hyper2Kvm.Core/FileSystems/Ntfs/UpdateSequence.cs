using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// MULTI_SECTOR_HEADER: 0x00 4 signature, 0x04 2 offset of the update sequence array, 0x06 2 its words. Word 0 of the array is the
// update sequence number, which stands in the last two bytes of each 512-byte stride on disk; words 1.. are what belongs there.
// The stride is 512 bytes on every volume, also with 4 KiB sectors.

/// <summary>Guards file records, index blocks and log pages against torn writes.</summary>
internal static class UpdateSequence
{
    public const int Stride = 512;

    /// <summary>Puts the displaced words back, so that the block can be read.</summary>
    /// <exception cref="DiskFormatException">The signature or the sequence is wrong: the block is damaged or was torn.</exception>
    public static void Remove(Span<byte> block, ReadOnlySpan<byte> signature, string errorId, string structure, long origin)
    {
        if (!block[..4].SequenceEqual(signature))
        {
            throw new DiskFormatException(errorId, structure, origin, $"signature {Text(signature)}", Text(block[..4]));
        }

        if (!TryRemove(block))
        {
            throw new DiskFormatException(errorId, structure, origin, "an update sequence that matches every 512 bytes", "a torn block");
        }
    }

    /// <summary>False when the array does not fit the block or a stride does not end in the update sequence number.</summary>
    public static bool TryRemove(Span<byte> block)
    {
        int offset = Le.U16(block, 0x04);
        int words = Le.U16(block, 0x06);
        int strides = block.Length / Stride;
        if (words != strides + 1 || offset % 2 != 0 || offset < 0x08 || offset + (words * 2) > Stride - 2)
        {
            return false;
        }

        ushort number = Le.U16(block, offset);
        for (int i = 0; i < strides; i++)
        {
            if (Le.U16(block, ((i + 1) * Stride) - 2) != number)
            {
                return false;
            }
        }

        for (int i = 0; i < strides; i++)
        {
            block.Slice(offset + 2 + (i * 2), 2).CopyTo(block[(((i + 1) * Stride) - 2)..]);
        }

        return true;
    }

    /// <summary>Prepares a block for the disk under the next update sequence number.</summary>
    public static void Insert(Span<byte> block)
    {
        int offset = Le.U16(block, 0x04);
        int strides = Le.U16(block, 0x06) - 1;
        ushort number = Le.U16(block, offset);
        number = number is 0xFFFE or 0xFFFF ? (ushort)1 : (ushort)(number + 1);
        Le.U16(block, offset, number);
        for (int i = 0; i < strides; i++)
        {
            int end = ((i + 1) * Stride) - 2;
            block.Slice(end, 2).CopyTo(block[(offset + 2 + (i * 2))..]);
            Le.U16(block, end, number);
        }
    }

    private static string Text(ReadOnlySpan<byte> signature)
    {
        Span<char> text = stackalloc char[signature.Length];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = signature[i] is >= 0x20 and < 0x7F ? (char)signature[i] : '.';
        }

        return $"'{text}'";
    }
}
