using System.Globalization;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>A registry value. Its data is read when asked for.</summary>
public sealed class HiveValue
{
    private const int MostBytesShown = 64;

    private readonly HiveCells _cells;
    private readonly uint _rawSize;
    private readonly CellOffset _data;
    private readonly byte[] _resident;

    internal HiveValue(HiveCells cells, CellOffset cell)
    {
        _cells = cells;
        Cell = cell;
        KeyValueView view = new(cells.ReadKeyValue(cell));
        Name = view.Name;
        Type = unchecked((int)view.Type);
        _rawSize = view.RawDataSize;
        _data = view.Data;
        _resident = view.ResidentData.ToArray();
        if (view.IsResident && view.DataSize > KeyValueView.LargestResident)
        {
            throw cells.Damaged("key value", cell, "at most 4 bytes of resident data", string.Create(CultureInfo.InvariantCulture, $"{view.DataSize}"));
        }
    }

    /// <summary>The name; "" is the key's default value.</summary>
    public string Name { get; }

    /// <summary>One of <see cref="HiveValueType"/>, or another number: applications may use their own.</summary>
    public int Type { get; }

    internal CellOffset Cell { get; }

    internal uint DataSize => _rawSize & ~KeyValueView.ResidentBit;

    internal bool IsResident => (_rawSize & KeyValueView.ResidentBit) != 0;

    /// <summary>The cell of the data; meaningless for resident or empty data.</summary>
    internal CellOffset DataCell => _data;

    internal bool HasDataCell => !IsResident && DataSize > 0;

    /// <summary>The data as stored.</summary>
    /// <exception cref="DiskFormatException">HiveDamaged: the cells of the data are damaged.</exception>
    public byte[] Data()
    {
        if (DataSize == 0)
        {
            return [];
        }

        return IsResident ? _resident[..(int)DataSize] : new BigData(_cells).Read(_data, DataSize);
    }

    /// <summary>The number of a REG_DWORD of either byte order with 4 bytes, else null.</summary>
    public uint? AsDword()
    {
        if (Type is not (HiveValueType.Dword or HiveValueType.DwordBigEndian) || DataSize != 4)
        {
            return null;
        }

        return Type == HiveValueType.Dword ? Le.U32(Data(), 0) : Be.U32(Data(), 0);
    }

    /// <summary>The text of a REG_SZ, REG_EXPAND_SZ or REG_LINK up to its first zero, else null.</summary>
    public string? AsString()
    {
        if (Type is not (HiveValueType.String or HiveValueType.ExpandString or HiveValueType.Link))
        {
            return null;
        }

        string text = Text();
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    /// <summary>The texts of a REG_MULTI_SZ up to the first empty one; a REG_SZ is one text; others give none.</summary>
    public IReadOnlyList<string> AsMultiString()
    {
        if (Type != HiveValueType.MultiString)
        {
            return AsString() is { Length: > 0 } single ? [single] : [];
        }

        List<string> texts = [];
        foreach (string text in Text().Split('\0'))
        {
            if (text.Length == 0)
            {
                break;
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>For people: <c>REG_DWORD 0x00000000</c>, <c>REG_SZ "x"</c>, <c>REG_MULTI_SZ "a", "b"</c>, <c>REG_BINARY 01 ff</c>.</summary>
    public string Format()
    {
        string type = HiveValueType.NameOf(Type);
        return this switch
        {
            _ when AsDword() is { } number => $"{type} 0x{number:X8}",
            _ when AsString() is { } text => $"{type} \"{text}\"",
            { Type: HiveValueType.Qword, DataSize: 8 } => $"{type} 0x{Le.U64(Data(), 0):X16}",
            { Type: HiveValueType.MultiString } => $"{type} \"{string.Join("\", \"", AsMultiString())}\"",
            { DataSize: 0 } => type,
            _ => $"{type} {Bytes()}",
        };
    }

    /// <summary>Name and data, for people.</summary>
    public override string ToString() => $"{(Name.Length == 0 ? "(default)" : Name)} = {Format()}";

    private string Text()
    {
        byte[] data = Data();
        return Encoding.Unicode.GetString(data, 0, data.Length & ~1);
    }

    private string Bytes()
    {
        byte[] data = Data();
        StringBuilder text = new();
        for (int i = 0; i < Math.Min(data.Length, MostBytesShown); i++)
        {
            text.Append(i == 0 ? "" : " ").Append(data[i].ToString("x2", CultureInfo.InvariantCulture));
        }

        return data.Length <= MostBytesShown
            ? text.ToString()
            : text.Append(CultureInfo.InvariantCulture, $" … ({data.Length} bytes)").ToString();
    }
}
