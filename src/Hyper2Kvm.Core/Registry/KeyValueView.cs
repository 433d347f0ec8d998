using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>A key value (vk), edited inside its cell.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Key value". Offsets are relative to the cell's data.
/// <code>
/// 0x00  2  "vk"          0x0C  4  data type
/// 0x02  2  name length   0x10  2  flags: 1 = name of one byte a character
/// 0x04  4  data size; the top bit: the data (4 bytes at most) is in the next field
/// 0x08  4  data offset   0x14  name
/// </code>
/// </remarks>
internal readonly ref struct KeyValueView(Span<byte> bytes)
{
    public const int HeaderSize = 0x14;
    public const uint ResidentBit = 0x80000000;
    public const int LargestResident = 4;
    private const ushort CompressedNameFlag = 0x0001;

    private readonly Span<byte> _bytes = bytes;

    public bool HasSignature => _bytes[..2].SequenceEqual("vk"u8);

    public ushort NameLength { get => Le.U16(_bytes, 0x02); set => Le.U16(_bytes, 0x02, value); }

    /// <summary>Size field as stored, with <see cref="ResidentBit"/>.</summary>
    public uint RawDataSize { get => Le.U32(_bytes, 0x04); set => Le.U32(_bytes, 0x04, value); }

    public bool IsResident => (RawDataSize & ResidentBit) != 0;

    public uint DataSize => RawDataSize & ~ResidentBit;

    public CellOffset Data { get => new(Le.U32(_bytes, 0x08)); set => Le.U32(_bytes, 0x08, value.Value); }

    /// <summary>The data offset field as the four bytes of resident data.</summary>
    public Span<byte> ResidentData => _bytes.Slice(0x08, LargestResident);

    public uint Type { get => Le.U32(_bytes, 0x0C); set => Le.U32(_bytes, 0x0C, value); }

    public bool HasCompressedName
    {
        get => (Le.U16(_bytes, 0x10) & CompressedNameFlag) != 0;
        set => Le.U16(_bytes, 0x10, value ? CompressedNameFlag : (ushort)0);
    }

    /// <summary>The name; <see cref="HiveCells.ReadKeyValue"/> has checked that it lies within the cell.</summary>
    public string Name => HiveName.Decode(_bytes.Slice(HeaderSize, NameLength), HasCompressedName);

    public void Sign() => "vk"u8.CopyTo(_bytes);
}
