using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>How the registry stores, compares, hashes and hints names.</summary>
internal static class HiveName
{
    /// <summary>Longest key name in UTF-16 characters.</summary>
    public const int LongestKeyName = 255;

    /// <summary>Longest value name in UTF-16 characters.</summary>
    public const int LongestValueName = 16383;

    /// <summary>Order of subkey lists: upper-case character codes, a prefix first.</summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            int difference = Upper(left[i]) - Upper(right[i]);
            if (difference != 0)
            {
                return difference;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>Nearly all names are ASCII, and a checker looks at a million characters of them.</summary>
    private static char Upper(char character) => character switch
    {
        < 'a' => character,
        <= 'z' => (char)(character - ('a' - 'A')),
        < '\x80' => character,
        _ => char.ToUpperInvariant(character),
    };

    public static bool Same(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        left.Length == right.Length && Compare(left, right) == 0;

    /// <summary>The hash of a hash leaf (lh).</summary>
    public static uint Hash(ReadOnlySpan<char> name)
    {
        uint hash = 0;
        foreach (char character in name)
        {
            hash = unchecked((hash * 37) + Upper(character));
        }

        return hash;
    }

    /// <summary>The hint of a fast leaf (lf): the first four characters as bytes; zero when one of them does not fit a byte.</summary>
    public static uint Hint(ReadOnlySpan<char> name)
    {
        uint hint = 0;
        for (int i = 0; i < Math.Min(4, name.Length); i++)
        {
            if (name[i] > 0xFF)
            {
                return 0;
            }

            hint |= (uint)name[i] << (8 * i);
        }

        return hint;
    }

    /// <summary>False only when a fast leaf's hint shows that the key behind it has another name.</summary>
    public static bool MayHaveHint(ReadOnlySpan<char> name, uint hint)
    {
        if ((hint & 0xFF) == 0)
        {
            return true;
        }

        for (int i = 0; i < 4; i++)
        {
            char hinted = (char)((hint >> (8 * i)) & 0xFF);
            char wanted = i < name.Length ? name[i] : '\0';
            if (Upper(hinted) != Upper(wanted))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One byte a character where all fit (KEY_COMP_NAME, VALUE_COMP_NAME), else UTF-16.</summary>
    public static byte[] Encode(string name, out bool compressed)
    {
        compressed = true;
        foreach (char character in name)
        {
            compressed &= character <= 0xFF;
        }

        if (compressed)
        {
            return Encoding.Latin1.GetBytes(name);
        }

        // Not Encoding.Unicode: a name may hold half a surrogate pair, and must keep it.
        byte[] bytes = new byte[name.Length * 2];
        for (int i = 0; i < name.Length; i++)
        {
            Le.U16(bytes, i * 2, name[i]);
        }

        return bytes;
    }

    public static string Decode(ReadOnlySpan<byte> bytes, bool compressed)
    {
        if (compressed)
        {
            return Encoding.Latin1.GetString(bytes);
        }

        char[] characters = new char[bytes.Length / 2];
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)Le.U16(bytes, i * 2);
        }

        return new string(characters);
    }
}
