using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Vmdk;

/// <summary>The line <c>CID=</c> of a descriptor, which is changed where it stands.</summary>
internal static class VmdkContentId
{
    private static readonly byte[] s_key = "CID="u8.ToArray();

    /// <param name="file">The file that holds the descriptor.</param>
    /// <param name="place">Where in the file the descriptor is.</param>
    /// <returns>One patch of as many digits as are there; none when the descriptor has no such line.</returns>
    public static IReadOnlyList<HostPatch> Renew(FileBlockDevice file, BlockRange place)
    {
        byte[] text = new byte[place.Length];
        file.Read(place.Offset, text);
        for (int at = 0; at >= 0 && at < text.Length;)
        {
            int value = at + Blanks(text.AsSpan(at));
            if (text.AsSpan(value).StartsWith(s_key))
            {
                value += s_key.Length;
                value += Blanks(text.AsSpan(value));
                int digits = Digits(text.AsSpan(value));
                return digits == 0 ? [] : [new HostPatch(file.Path, place.Offset + value, text[value..(value + digits)], NewId(text.AsSpan(value, digits)))];
            }

            int end = text.AsSpan(at).IndexOf((byte)'\n');
            at = end < 0 ? -1 : at + end + 1;
        }

        return [];
    }

    private static int Blanks(ReadOnlySpan<byte> text) => Count(text.IndexOfAnyExcept((byte)' ', (byte)'\t'), text);

    private static int Digits(ReadOnlySpan<byte> text)
    {
        int digits = 0;
        while (digits < Math.Min(text.Length, 8) && char.IsAsciiHexDigit((char)text[digits]))
        {
            digits++;
        }

        return digits;
    }

    private static int Count(int index, ReadOnlySpan<byte> text) => index < 0 ? text.Length : index;

    /// <summary>Another number of as many digits; ffffffff says "no parent" in a child, and fffffffe is what new disks begin with.</summary>
    private static byte[] NewId(ReadOnlySpan<byte> old)
    {
        string before = Encoding.ASCII.GetString(old);
        uint limit = before.Length == 8 ? 0xFFFFFFFE : 1U << (4 * before.Length);
        string after = before;
        while (after.Equals(before, StringComparison.OrdinalIgnoreCase))
        {
            uint id = Le.U32(RandomNumberGenerator.GetBytes(4), 0) % limit;
            after = id.ToString($"x{before.Length}", CultureInfo.InvariantCulture);
        }

        return Encoding.ASCII.GetBytes(after);
    }
}
