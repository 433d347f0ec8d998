using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A registry value as a foreign reader gave it.</summary>
/// <param name="Type">REG_ number.</param>
/// <param name="Hex">The data.</param>
internal sealed record ForeignValue(uint Type, string Hex)
{
    private const int BytesShown = 64;

    public byte[] Data => Convert.FromHexString(Hex);

    /// <summary>The one text of a REG_SZ or REG_EXPAND_SZ, the texts of a REG_MULTI_SZ. Fails unless they end as Windows ends them.</summary>
    public string[] Texts()
    {
        string text = Encoding.Unicode.GetString(Data);
        string end = Type == 7 ? "\0\0" : "\0";
        Assert.EndsWith(end, text, StringComparison.Ordinal);
        string[] texts = text[..^end.Length].Split('\0');
        Assert.DoesNotContain("", Type == 7 ? texts : []);
        return texts;
    }

    public uint Number() => BinaryPrimitives.ReadUInt32LittleEndian(Data);

    /// <summary>In the words that the product reports its changes with; written anew here, so that each judges the other.</summary>
    public override string ToString() => Type switch
    {
        1 when IsText => $"REG_SZ \"{Texts().Single()}\"",
        2 when IsText => $"REG_EXPAND_SZ \"{Texts().Single()}\"",
        7 when IsText => $"REG_MULTI_SZ \"{string.Join("\", \"", Texts())}\"",
        7 when Hex is "0000" or "00000000" => "REG_MULTI_SZ \"\"",
        4 when Hex.Length == 8 => string.Create(CultureInfo.InvariantCulture, $"REG_DWORD 0x{Number():X8}"),
        11 when Hex.Length == 16 => string.Create(CultureInfo.InvariantCulture, $"REG_QWORD 0x{BinaryPrimitives.ReadUInt64LittleEndian(Data):X16}"),
        0 => $"REG_NONE {Bytes()}".TrimEnd(),
        3 => $"REG_BINARY {Bytes()}".TrimEnd(),
        _ => string.Create(CultureInfo.InvariantCulture, $"type 0x{Type:X8} {Bytes()}").TrimEnd(),
    };

    /// <summary>Real hives have texts without an end, with two, and of an odd number of bytes: those are told by their bytes.</summary>
    private bool IsText => Data.Length % 2 == 0 && Encoding.Unicode.GetString(Data) is var text
        && (Type == 7 ? text.EndsWith("\0\0", StringComparison.Ordinal) && !text[..^2].Split('\0').Contains("") : text.IndexOf('\0') == text.Length - 1);

    private string Bytes()
    {
        string bytes = string.Join(' ', Data.Take(BytesShown).Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
        return Data.Length <= BytesShown ? bytes : $"{bytes} … ({Data.Length} bytes)";
    }
}
