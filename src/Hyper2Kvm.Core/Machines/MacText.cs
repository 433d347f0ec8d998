using System.Text.RegularExpressions;

namespace Hyper2Kvm.Machines;

/// <summary>Addresses of network cards, as each hypervisor spells them.</summary>
internal static partial class MacText
{
    /// <summary>Lower case with colons, or null when it is no address of one card.</summary>
    public static string? Normalize(string? text)
    {
        string digits = Digits(text);
        if (!Pattern().IsMatch(digits) || IsNone(text) || (Convert.ToByte(digits[..2], 16) & 1) != 0)
        {
            return null;
        }

        return string.Join(':', Enumerable.Range(0, 6).Select(i => digits.Substring(i * 2, 2)));
    }

    /// <summary>Zeros: an address that the hypervisor has not given yet.</summary>
    public static bool IsNone(string? text) => Digits(text) == "000000000000";

    private static string Digits(string? text) =>
        text is null ? "" : Separator().Replace(text.Trim(), "").ToLowerInvariant();

    [GeneratedRegex("[-:.]", RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    [GeneratedRegex("^[0-9a-f]{12}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
