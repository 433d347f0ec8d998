using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Bcd;

/// <summary>One setting of a boot object. Its format decides which of the value properties is set; all are null when the stored bytes
/// do not fit the format.</summary>
/// <remarks>
/// <code>
/// type    bits 28-31  class: 1 library, 2 application, 3 device, 4 template, 5 OEM
///         bits 24-27  format, as <see cref="BcdElementFormat"/>
///         bits  0-23  subtype
/// value   device: binary; text: SZ; object: SZ "{guid}"; object list: MULTI_SZ; integer: 1 to 8 bytes, little-endian;
///         flag: one byte or more, the first not 0; integer list: 8 bytes each
/// </code>
/// Source: https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdelementtype; the lengths are from stores that Windows
/// wrote (setup media keep a timeout in one byte).
/// </remarks>
public sealed record BcdElement
{
    // A list of boot objects or memory ranges; Windows itself writes less than a hundred.
    private const int ListLimit = 4096;

    private BcdElement(uint type) => Type = type;

    public uint Type { get; }

    public BcdElementFormat Format => (BcdElementFormat)((Type >> 24) & 0xF);

    public BcdDevice? Device { get; private init; }

    public string? Text { get; private init; }

    /// <summary>Of an object list, and of a single object as the only item. What is not a GUID is left out.</summary>
    public IReadOnlyList<Guid>? Objects { get; private init; }

    public ulong? Integer { get; private init; }

    public bool? Flag { get; private init; }

    public IReadOnlyList<ulong>? Integers { get; private init; }

    /// <param name="type">The name of the element's key, as a number.</param>
    /// <param name="data">The value named Element, as stored.</param>
    public static BcdElement Read(uint type, ReadOnlySpan<byte> data)
    {
        BcdElement element = new(type);
        return element.Format switch
        {
            BcdElementFormat.Device => element with { Device = BcdDevice.Read(data) },
            BcdElementFormat.Text => element with { Text = BcdDevice.Utf16(data) },
            BcdElementFormat.Object or BcdElementFormat.ObjectList => element with { Objects = ReadObjects(data) },
            BcdElementFormat.Integer when data.Length is >= 1 and <= 8 => element with { Integer = ReadInteger(data) },
            BcdElementFormat.Flag when data.Length >= 1 => element with { Flag = data[0] != 0 },
            BcdElementFormat.IntegerList when data.Length % 8 == 0 => element with { Integers = ReadIntegers(data) },
            _ => element,
        };
    }

    private static List<Guid> ReadObjects(ReadOnlySpan<byte> data)
    {
        List<Guid> objects = [];
        while (data.Length >= 2 && objects.Count < ListLimit && BcdDevice.Utf16(data) is { Length: > 0 } text)
        {
            if (Guid.TryParseExact(text, "B", out Guid id))
            {
                objects.Add(id);
            }

            data = data[Math.Min(data.Length, (text.Length + 1) * 2)..];
        }

        return objects;
    }

    private static ulong ReadInteger(ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int i = 0; i < data.Length; i++)
        {
            value |= (ulong)data[i] << (8 * i);
        }

        return value;
    }

    private static List<ulong> ReadIntegers(ReadOnlySpan<byte> data)
    {
        List<ulong> values = [];
        for (int at = 0; at < data.Length && values.Count < ListLimit; at += 8)
        {
            values.Add(Le.U64(data, at));
        }

        return values;
    }
}
