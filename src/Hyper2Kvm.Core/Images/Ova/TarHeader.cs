using System.Text;

namespace Hyper2Kvm.Images.Ova;

// POSIX.1-1988 ustar and its GNU dialect: name 100, mode 8, uid 8, gid 8, size 12 @124, mtime 12, checksum 8 @148, type @156, link name
// 100, magic 6 @257, version 2, owner and group 64, device 16, prefix 155 @345. Numbers are octal text; from 8 GiB on GNU writes the
// size as a big-endian number, with the top bit of its first byte set.

/// <summary>One header block of a tar archive.</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int Size = 512;

    private const int SizeField = 124;
    private const int ChecksumField = 148;
    private const int MagicField = 257;
    private const int PrefixField = 345;

    private readonly ReadOnlySpan<byte> _block = block;

    /// <summary>The type of what follows; see the constants of <see cref="TarReader"/>.</summary>
    public char Type => (char)_block[156];

    /// <summary>The sum of all bytes, those of the sum itself counted as spaces, is what the header says.</summary>
    public bool IsSound
    {
        get
        {
            int sum = 8 * ' ';
            for (int i = 0; i < Size; i++)
            {
                sum += i is >= ChecksumField and < ChecksumField + 8 ? 0 : _block[i];
            }

            return Octal(_block.Slice(ChecksumField, 8)) == sum;
        }
    }

    /// <summary>Bytes that follow, or -1 when the field is no number.</summary>
    public long ContentSize
    {
        get
        {
            ReadOnlySpan<byte> size = _block.Slice(SizeField, 12);
            return (size[0] & 0x80) == 0 ? Octal(size) : Binary(size);
        }
    }

    /// <summary>The name, without regard to what precedes the header.</summary>
    public string Name
    {
        get
        {
            string name = Text(_block[..100]);
            // GNU writes "ustar  " and has times where POSIX has the prefix.
            bool hasPrefix = _block.Slice(MagicField, 6).SequenceEqual("ustar\0"u8) && _block[PrefixField] != 0;
            return hasPrefix ? $"{Text(_block.Slice(PrefixField, 155))}/{name}" : name;
        }
    }

    /// <summary>The block starts an archive: of POSIX or GNU by its magic, of Unix V7 by its checksum, which no boot sector has by chance.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> block) =>
        block.Length >= Size && (block.Slice(MagicField, 5).SequenceEqual("ustar"u8) || (block[0] != 0 && new TarHeader(block).IsSound));

    /// <summary>Text up to the first zero byte.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Spaces, octal digits, then zeros or spaces; -1 for anything else.</summary>
    private static long Octal(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> digits = field.TrimStart((byte)' ');
        int end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'7');
        ReadOnlySpan<byte> rest = end < 0 ? default : digits[end..];
        digits = end < 0 ? digits : digits[..end];
        if (rest.ContainsAnyExcept((byte)0, (byte)' '))
        {
            return -1;
        }

        long value = 0;
        foreach (byte digit in digits)
        {
            value = (value * 8) + (digit - '0');
        }

        return value;
    }

    /// <summary>Eleven bytes after the marker; -1 for what is negative or has more than 62 bits.</summary>
    private static long Binary(ReadOnlySpan<byte> field)
    {
        long value = field[0] & 0x7F;
        for (int i = 1; i < field.Length; i++)
        {
            if (value >> 54 != 0)
            {
                return -1;
            }

            value = (value << 8) | field[i];
        }

        return value;
    }
}
