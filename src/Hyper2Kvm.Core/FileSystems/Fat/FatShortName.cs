using System.Buffers;
using System.Text;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>Names of eight and three characters (specification, sections 6.1 and 7.2).</summary>
internal static class FatShortName
{
    private const string Allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()-@^_`{}~";
    private static readonly SearchValues<char> s_allowed = SearchValues.Create(Allowed);
    private static readonly SearchValues<char> s_notInLongNames = SearchValues.Create("\\/:*?\"<>|");

    /// <summary>The code page of a volume is nowhere stored; 437 is that of firmware and of English systems.</summary>
    private static readonly Encoding s_oem = CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    /// <summary>The name as it is shown, lower case where NT noted so.</summary>
    public static string Read(ReadOnlySpan<byte> name, byte caseBits)
    {
        Span<byte> raw = stackalloc byte[11];
        name[..11].CopyTo(raw);
        if (raw[0] == 0x05)
        {
            raw[0] = FatEntryView.Deleted;
        }

        string stem = s_oem.GetString(raw[..8]).TrimEnd(' ');
        string extension = s_oem.GetString(raw[8..]).TrimEnd(' ');
        stem = (caseBits & FatEntryView.LowerCaseBase) != 0 ? stem.ToLowerInvariant() : stem;
        extension = (caseBits & FatEntryView.LowerCaseExtension) != 0 ? extension.ToLowerInvariant() : extension;
        return extension.Length == 0 ? stem : stem + "." + extension;
    }

    /// <summary>Eleven characters of a label, spaces at the end dropped; empty for <c>NO NAME</c>, which stands for none.</summary>
    public static string ReadLabel(ReadOnlySpan<byte> label) =>
        s_oem.GetString(label[..11]).TrimEnd(' ', '\0') is var text && text == "NO NAME" ? "" : text;

    /// <summary>Whether the text may be the name of a file: nothing that separates paths, no control characters.</summary>
    public static bool IsFileName(string name)
    {
        foreach (char c in name)
        {
            if (c < ' ')
            {
                return false;
            }
        }

        return name.Length is > 0 and <= FatLongName.MaximumLength && name is not ("." or "..")
            && !name.AsSpan().ContainsAny(s_notInLongNames);
    }

    /// <summary>Whether the name needs no long entries: 8.3, each part in one case.</summary>
    /// <param name="name">The wanted name.</param>
    /// <param name="shortName">11 bytes, written only when the answer is yes.</param>
    /// <param name="caseBits">DIR_NTRes.</param>
    public static bool TryWrite(string name, Span<byte> shortName, out byte caseBits)
    {
        int dot = name.LastIndexOf('.');
        string stem = dot < 0 ? name : name[..dot];
        string extension = dot < 0 ? "" : name[(dot + 1)..];
        caseBits = 0;
        if (stem.Length is 0 or > 8 || extension.Length > 3 || (dot >= 0 && extension.Length == 0)
            || !TryCase(stem, out bool lowerStem) || !TryCase(extension, out bool lowerExtension))
        {
            return false;
        }

        caseBits = (byte)((lowerStem ? FatEntryView.LowerCaseBase : 0) | (lowerExtension ? FatEntryView.LowerCaseExtension : 0));
        Fill(shortName, stem.ToUpperInvariant(), extension.ToUpperInvariant());
        return true;
    }

    /// <summary>The alias <c>LONGNA~N.EXT</c> of a long name (specification, section 7.2.4).</summary>
    public static void WriteAlias(string name, int number, Span<byte> shortName)
    {
        string trimmed = name.TrimStart('.', ' ');
        int dot = trimmed.LastIndexOf('.');
        string stem = Basis(dot < 0 ? trimmed : trimmed[..dot], 8);
        string extension = Basis(dot < 0 ? "" : trimmed[(dot + 1)..], 3);
        string tail = "~" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        stem = stem[..Math.Min(stem.Length, 8 - tail.Length)];
        Fill(shortName, stem + tail, extension);
    }

    private static string Basis(string part, int limit)
    {
        StringBuilder basis = new(limit);
        foreach (char c in part.ToUpperInvariant())
        {
            if (c is not (' ' or '.') && basis.Length < limit)
            {
                basis.Append(s_allowed.Contains(c) ? c : '_');
            }
        }

        return basis.ToString();
    }

    private static bool TryCase(string part, out bool lower)
    {
        bool upper = false;
        lower = false;
        foreach (char c in part)
        {
            lower |= char.IsAsciiLetterLower(c);
            upper |= char.IsAsciiLetterUpper(c);
        }

        return !(lower && upper) && !part.ToUpperInvariant().AsSpan().ContainsAnyExcept(s_allowed);
    }

    private static void Fill(Span<byte> shortName, string stem, string extension)
    {
        shortName[..11].Fill((byte)' ');
        Encoding.ASCII.GetBytes(stem, shortName);
        Encoding.ASCII.GetBytes(extension, shortName[8..]);
    }
}
