using System.Globalization;

namespace Hyper2Kvm.Inf;

/// <summary>Numbers as an INF writes them: decimal, signed, or hexadecimal after <c>0x</c>.</summary>
internal static class InfNumber
{
    public static bool TryParse(string text, out int value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }

        bool read = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long wide)
            && wide is >= int.MinValue and <= uint.MaxValue;
        value = read ? unchecked((int)wide) : 0;
        return read;
    }
}
