using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Machines;

// Lines of  key = "value"; keys ignore case; |22 in a value is the character with that hexadecimal code.

/// <summary>A VMX file as keys and values.</summary>
internal sealed partial class VmxFile
{
    private const int MaxLines = 65536;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    private VmxFile()
    {
    }

    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>A file of this kind starts with such a line.</summary>
    public static bool IsVmx(ReadOnlySpan<byte> bytes) =>
        FirstLine().IsMatch(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 65536)]));

    /// <exception cref="DiskFormatException"><c>MachineDescriptionDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VmxEncodingUnknown</c>, <c>VmxEncrypted</c>.</exception>
    public static VmxFile Read(DescriptionFile description)
    {
        VmxFile file = new();
        int number = 0;
        foreach (string line in TextOf(description).Split('\n'))
        {
            number++;
            string plain = line.Trim(' ', '\t', '\r', '\uFEFF', '\0');
            if (plain.Length == 0 || plain[0] == '#')
            {
                continue;
            }

            int equals = plain.IndexOf('=', StringComparison.Ordinal);
            string key = plain[..Math.Max(equals, 0)].TrimEnd();
            if (key.Length == 0 || key.AsSpan().ContainsAny(' ', '\t', '"') || number > MaxLines)
            {
                throw description.Damaged(number, $"at most {MaxLines} lines such as key = \"value\"", $"'{string.Concat(plain.Take(80))}'");
            }

            file._values.TryAdd(key, Escape().Replace(Value(plain[(equals + 1)..].TrimStart()), Unescape)); // VMware takes the first
        }

        return file._values.ContainsKey("encryption.data")
            ? throw new UnsupportedFeatureException(
                "VmxEncrypted", "an encrypted VMX file", $"'{description.Path}'", "Remove the encryption in VMware first, or give the facts by hand.")
            : file;
    }

    /// <summary>The value, or empty.</summary>
    public string this[string key] => _values.GetValueOrDefault(key, "");

    public bool IsTrue(string key) => this[key].Equals("TRUE", StringComparison.OrdinalIgnoreCase) || this[key] == "1";

    /// <summary>VMware's spelling, <c>56 4d 6c 27 96 ea 12 07-6f 0b b1 1d 81 46 9b 0b</c>: the bytes as they lie in the SMBIOS table.</summary>
    /// <returns>The UUID as VMware and libvirt write it, and as the guest reads it.</returns>
    public static (Guid? Written, Guid? Guest) Uuid(string text)
    {
        string digits = text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (!Guid.TryParseExact(digits, "N", out Guid written) || written == Guid.Empty)
        {
            return (null, null);
        }

        return (written, new Guid(written.ToByteArray(bigEndian: true)));
    }

    private static string TextOf(DescriptionFile description)
    {
        ReadOnlySpan<byte> bytes = description.Bytes;
        Match match = EncodingLine().Match(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 65536)]));
        string name = match.Success ? match.Groups["name"].Value : "UTF-8";
        try
        {
            Encoding encoding = name.Equals("UTF-8", StringComparison.OrdinalIgnoreCase)
                ? Encoding.UTF8
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            return encoding.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new UnsupportedFeatureException(
                "VmxEncodingUnknown", $"the encoding '{string.Concat(name.Take(40))}' of a VMX file", $"'{description.Path}'",
                "Save it as UTF-8, with .encoding = \"UTF-8\".");
        }
    }

    /// <summary>Between quotes, or up to a comment.</summary>
    private static string Value(string text)
    {
        if (text.StartsWith('"'))
        {
            int end = text.IndexOf('"', 1);
            return end < 0 ? text[1..] : text[1..end];
        }

        int comment = text.IndexOf('#', StringComparison.Ordinal);
        return (comment < 0 ? text : text[..comment]).TrimEnd();
    }

    private static string Unescape(Match match) =>
        ((char)byte.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();

    [GeneratedRegex(@"\|([0-9A-Fa-f]{2})", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    [GeneratedRegex("""(?m)^[ \t]*\.encoding[ \t]*=[ \t]*"(?<name>[^"\r\n]*)""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex EncodingLine();

    [GeneratedRegex("""(?m)^(\u00EF\u00BB\u00BF)?[ \t]*(\.encoding|config\.version|virtualHW\.version|displayName|guestOS)[ \t]*=""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex FirstLine();
}
