using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Inf;

/// <summary>AddReg sections: <c>reg-root,[subkey],[value-entry-name],[flags],[value][,[value]]...</c></summary>
/// <remarks>
/// learn.microsoft.com/windows-hardware/drivers/install/inf-addreg-directive. The type is the high word of the flags and
/// FLG_ADDREG_BINVALUETYPE: 0 SZ, 0x10000 MULTI_SZ, 0x20000 EXPAND_SZ, 1 BINARY, 0x10001 DWORD, 0x20001 NONE, 0xnnnn0001 any other
/// type n as bytes. A flag that an INF puts into the name's place becomes a value of that name: Windows does the same.
/// </remarks>
internal static class InfRegistryReader
{
    /// <summary>Values that one install section may write.</summary>
    private const int MaximumValues = 10_000;

    private const int BinaryValueType = 0x1;
    private const int KeyOnly = 0x10;
    private const int KeyOnlyCommon = 0x2000;

    private const int RegSz = 1;
    private const int RegExpandSz = 2;
    private const int RegBinary = 3;
    private const int RegDword = 4;
    private const int RegMultiSz = 7;
    private const int RegNone = 0;

    private static readonly string[] s_roots = ["HKR", "HKLM", "HKCR", "HKCU", "HKU"];

    /// <summary>The values of all sections that the AddReg entries of <paramref name="owner"/> name.</summary>
    public static IReadOnlyList<InfRegistryValue> Read(InfFile inf, InfSection owner)
    {
        List<InfRegistryValue> values = [];
        foreach (InfLine entry in owner.FindAll("AddReg"))
        {
            foreach (string name in entry.Values)
            {
                if (name.Length > 0)
                {
                    AddSection(inf, inf.Section(inf.Resolve(name), entry), values);
                }
            }
        }

        return values;
    }

    private static void AddSection(InfFile inf, InfSection section, List<InfRegistryValue> values)
    {
        foreach (InfLine line in section.Lines)
        {
            values.Add(ReadLine(inf, line));
            if (values.Count > MaximumValues)
            {
                throw inf.Invalid(line, $"at most {MaximumValues} registry values", "more", "InfTooLarge");
            }
        }
    }

    private static InfRegistryValue ReadLine(InfFile inf, InfLine line)
    {
        string root = inf.Resolve(line.Value(0)).ToUpperInvariant();
        if (line.Key is not null || Array.IndexOf(s_roots, root) < 0)
        {
            throw inf.Invalid(line, "HKR, HKLM, HKCR, HKCU or HKU", line.Key ?? root);
        }

        string key = inf.Resolve(line.Value(1)).Trim('\\');
        string name = inf.Resolve(line.Value(2));
        int flags = line.Value(3).Length == 0 ? 0 : inf.Number(line, line.Value(3));
        bool keyOnly = (flags & (KeyOnly | KeyOnlyCommon)) != 0 || (name.Length == 0 && line.Values.Count <= 4 && flags == 0);
        if (keyOnly)
        {
            return new InfRegistryValue(root, key, null, flags, 0, []);
        }

        int type = TypeOf(inf, line, flags);
        return new InfRegistryValue(root, key, name, flags, type, Data(inf, line, type, (flags & BinaryValueType) != 0));
    }

    private static int TypeOf(InfFile inf, InfLine line, int flags)
    {
        int high = (flags >> 16) & 0xFFFF;
        return ((flags & BinaryValueType) != 0, high) switch
        {
            (false, 0) => RegSz,
            (false, 1) => RegMultiSz,
            (false, 2) => RegExpandSz,
            (true, 0) => RegBinary,
            (true, 1) => RegDword,
            (true, 2) => RegNone,
            (true, _) => high,
            _ => throw inf.Invalid(line, "flags of a known value type", line.Value(3)),
        };
    }

    private static byte[] Data(InfFile inf, InfLine line, int type, bool binary)
    {
        if (type == RegDword && binary && line.Values.Count <= 5)
        {
            int value = line.Value(4).Length == 0 ? 0 : inf.Number(line, line.Value(4));
            return [(byte)(value & 0xFF), (byte)((value >> 8) & 0xFF), (byte)((value >> 16) & 0xFF), (byte)((value >> 24) & 0xFF)];
        }

        if (binary)
        {
            return Bytes(inf, line, type);
        }

        return type == RegMultiSz
            ? MultiString(inf, line)
            : Encoding.Unicode.GetBytes(inf.Resolve(line.Value(4)) + "\0");
    }

    private static byte[] Bytes(InfFile inf, InfLine line, int type)
    {
        List<byte> bytes = [];
        for (int i = 4; i < line.Values.Count; i++)
        {
            string text = inf.Resolve(line.Values[i]);
            if (text.Length == 0 && i == line.Values.Count - 1)
            {
                break;
            }

            ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
            bytes.Add(byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
                ? value
                : throw inf.Invalid(line, "bytes in hexadecimal", text));
        }

        return type != RegDword || bytes.Count == 4 ? [.. bytes] : throw inf.Invalid(line, "one number or four bytes", string.Join(',', line.Values));
    }

    private static byte[] MultiString(InfFile inf, InfLine line)
    {
        StringBuilder text = new();
        for (int i = 4; i < line.Values.Count; i++)
        {
            if (line.Values[i].Length > 0)
            {
                text.Append(inf.Resolve(line.Values[i])).Append('\0');
            }
        }

        return Encoding.Unicode.GetBytes(text.Append('\0').ToString());
    }
}
