using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest;

/// <summary>MAC addresses as text, and those that stand in a device's instance id.</summary>
internal static partial class MacAddressText
{
    private const int Length = 6;

    /// <summary><c>00:0C:29:F3:FF:DE</c>; null for what is no address of one card: wrong length, zero, group addresses.</summary>
    public static string? Format(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length && (bytes[0] & 1) == 0 && bytes.ContainsAnyExcept((byte)0)
            ? string.Join(':', bytes.ToArray().Select(one => one.ToString("X2", CultureInfo.InvariantCulture)))
            : null;

    /// <summary>Takes 12 hexadecimal digits with colons, dashes, dots or nothing between.</summary>
    public static string? Parse(string text)
    {
        string digits = Separators().Replace(text, "");
        return Digits().IsMatch(digits) ? Format(Convert.FromHexString(digits)) : null;
    }

    /// <summary>The address within an instance id, where its bus puts it there.</summary>
    /// <remarks>PCI Express cards with a serial number have <c>OOOOOOFFFFNNNNNN00</c> (EUI-64 and a function number); the synthetic
    /// cards of Azure have <c>{aabbccdd-eeff-aabb-ccdd-eeffaabbccdd}</c>. An ordinary one of Hyper-V or PCI says nothing.</remarks>
    public static string? FromInstanceId(string instanceId)
    {
        string instance = instanceId[(instanceId.LastIndexOf('\\') + 1)..];
        if (instanceId.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase) && PciSerial().Match(instance) is { Success: true } pci)
        {
            return Parse(pci.Groups["vendor"].Value + pci.Groups["number"].Value);
        }

        if (instanceId.StartsWith(@"VMBUS\", StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(instance, "B", out Guid id))
        {
            string digits = id.ToString("N");
            string mac = digits[..12];
            return digits == (mac + mac + mac)[..32] ? Parse(mac) : null;
        }

        return null;
    }

    [GeneratedRegex("[-:. ]")]
    private static partial Regex Separators();

    [GeneratedRegex("^[0-9A-Fa-f]{12}$")]
    private static partial Regex Digits();

    [GeneratedRegex("^(?<vendor>[0-9A-F]{6})FFFF(?<number>[0-9A-F]{6})[0-9A-F]{2}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PciSerial();
}
