using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Binary;

/// <summary>MAC addresses of network cards (IEEE 802, EUI-48), as bytes and as every system spells them.</summary>
internal static partial class MacAddress
{
    private const int Length = 6;

    /// <summary>Six bytes as <c>00:0C:29:F3:FF:DE</c>.</summary>
    /// <returns>Null for what is no address of one card: another length, zeros, group addresses.</returns>
    public static string? Format(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length && (bytes[0] & 1) == 0 && bytes.ContainsAnyExcept((byte)0)
            ? string.Join(':', bytes.ToArray().Select(one => one.ToString("X2", CultureInfo.InvariantCulture)))
            : null;

    /// <summary>Upper case with colons, out of 12 hexadecimal digits with colons, dashes, dots, blanks or nothing between.</summary>
    /// <returns>Null for what <see cref="Format"/> gives null for, and for other text.</returns>
    public static string? Parse(string? text)
    {
        string digits = Digits(text);
        return TwelveDigits().IsMatch(digits) ? Format(Convert.FromHexString(digits)) : null;
    }

    /// <summary>As <see cref="Parse"/>, in lower case, as libvirt writes it.</summary>
    public static string? Normalize(string? text) => Parse(text)?.ToLowerInvariant();

    /// <summary>Zeros: an address that a hypervisor has not given yet.</summary>
    public static bool IsNone(string? text) => Digits(text) == "000000000000";

    private static string Digits(string? text) => text is null ? "" : Separators().Replace(text, "");

    [GeneratedRegex("[-:. ]")]
    private static partial Regex Separators();

    // \z and not $, which would let a line feed at the end pass.
    [GeneratedRegex("^[0-9A-Fa-f]{12}\\z")]
    private static partial Regex TwelveDigits();
}
