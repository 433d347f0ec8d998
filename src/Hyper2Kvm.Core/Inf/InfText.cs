using System.Globalization;
using System.Text;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Inf;

/// <summary>An INF's text, and where its characters lie in the file.</summary>
/// <remarks>Windows takes UTF-16 and UTF-8 with their marks, and the ANSI code page for everything else; setup texts outside ASCII
/// are rare there, so code page 1252 stands for all of them.</remarks>
/// <param name="Text">Decoded, up to a Ctrl-Z if there is one.</param>
/// <param name="Encoding">How it was stored.</param>
/// <param name="MarkLength">Bytes of the byte order mark.</param>
internal sealed record InfText(string Text, Encoding Encoding, int MarkLength)
{
    /// <summary>The largest INF that is read; real ones stay below half a megabyte.</summary>
    public const int MaximumLength = 4 << 20;

    private const char ControlZ = '\x1A';

    /// <exception cref="DiskFormatException"><c>InfTooLarge</c>, <c>InfNotText</c>.</exception>
    public static InfText Decode(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length > MaximumLength)
        {
            throw new DiskFormatException(
                "InfTooLarge", name, 0, string.Create(CultureInfo.InvariantCulture, $"at most {MaximumLength} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}"));
        }

        (Encoding encoding, int mark) = Detect(bytes);
        string text = encoding.GetString(bytes[mark..]);
        int end = text.IndexOf(ControlZ, StringComparison.Ordinal);
        text = end < 0 ? text : text[..end];
        int zero = text.IndexOf('\0', StringComparison.Ordinal);
        if (zero >= 0)
        {
            throw new DiskFormatException(
                "InfNotText", name, mark + encoding.GetByteCount(text.AsSpan(0, zero)), "text", "a zero character",
                "The file is damaged, or no INF.");
        }

        return new InfText(text, encoding, mark);
    }

    private static (Encoding Encoding, int Mark) Detect(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [not 0, 0, not 0, 0, ..] => (Encoding.Unicode, 0),
        _ => (CodePagesEncodingProvider.Instance.GetEncoding(1252)!, 0),
    };
}
