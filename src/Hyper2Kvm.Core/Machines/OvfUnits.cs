using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Machines;

/// <summary>Allocation units of OVF: <c>byte * 2^20</c> (DSP0004, annex C), and the words that older exports have.</summary>
internal static partial class OvfUnits
{
    /// <summary>A quantity in bytes; null when it or its unit makes no sense.</summary>
    /// <param name="quantity">A whole number.</param>
    /// <param name="units">The unit; empty for <paramref name="otherwise"/>.</param>
    /// <param name="otherwise">Bytes of the unit when none is given.</param>
    public static long? Bytes(string quantity, string units, long otherwise)
    {
        long? factor = units.Length == 0 ? otherwise : Factor(units);
        return XmlNames.Number(quantity) is { } count && factor is { } bytes && (count == 0 || bytes <= long.MaxValue / count) ? count * bytes : null;
    }

    private static long? Factor(string units)
    {
        string plain = units.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        if (Power().Match(plain) is { Success: true } match)
        {
            return Raise(match.Groups["base"].Value, match.Groups["exponent"].Value);
        }

        return plain switch
        {
            "byte" or "bytes" or "b" => 1,
            "kilobytes" or "kb" => 1L << 10,
            "megabytes" or "mb" => 1L << 20,
            "gigabytes" or "gb" => 1L << 30,
            "terabytes" or "tb" => 1L << 40,
            _ => null,
        };
    }

    private static long? Raise(string number, string exponent)
    {
        long root = long.Parse(number, CultureInfo.InvariantCulture);
        int times = exponent.Length == 0 ? 1 : int.Parse(exponent, CultureInfo.InvariantCulture);
        long value = 1;
        for (int i = 0; i < times; i++)
        {
            if (root == 0 || value > long.MaxValue / root)
            {
                return null;
            }

            value *= root;
        }

        return value;
    }

    [GeneratedRegex(@"^bytes?\*(?<base>\d{1,15})(\^(?<exponent>\d{1,2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Power();
}
