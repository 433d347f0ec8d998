using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Diagnostics;

/// <summary>Makes text of a guest safe to show: no terminal escapes, no line breaks that look like lines of ours, no reversed writing.</summary>
public static class PlainText
{
    /// <summary>Each character that does something, or is half of one, becomes <c>\uXXXX</c>; all else stays.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = FindActive(text, 0);
        if (at < 0)
        {
            return text;
        }

        StringBuilder plain = new(text.Length + 16);
        int from = 0;
        for (; at >= 0; at = FindActive(text, from))
        {
            plain.Append(text, from, at - from).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:X4}");
            from = at + 1;
        }

        return plain.Append(text, from, text.Length - from).ToString();
    }

    private static int FindActive(string text, int from)
    {
        for (int i = from; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (IsActive(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Control characters, line and paragraph separators, the marks that turn the direction of writing, lone surrogates.</summary>
    private static bool IsActive(char c) =>
        char.IsControl(c) || char.IsSurrogate(c)
        || c is '\u2028' or '\u2029' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFEFF';
}
