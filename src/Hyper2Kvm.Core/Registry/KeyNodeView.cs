using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>A key node (nk), edited inside its cell.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Key node". Offsets are relative to the cell's data.
/// <code>
/// 0x00  2  "nk"                        0x28  4  key values list offset
/// 0x02  2  flags                       0x2C  4  key security offset
/// 0x04  8  last written (FILETIME)     0x30  4  class name offset
/// 0x0C  4  access bits                 0x34  2  largest subkey name length, as UTF-16
/// 0x10  4  parent                      0x36  1  user flags (low), virtualization control flags (high)
/// 0x14  4  number of subkeys           0x38  4  largest subkey class name length
/// 0x18  4  number of volatile subkeys  0x3C  4  largest value name length, as UTF-16
/// 0x1C  4  subkeys list offset         0x40  4  largest value data size
/// 0x20  4  volatile subkeys list       0x44  4  WorkVar
/// 0x24  4  number of key values        0x48  2  key name length   0x4A  2  class name length   0x4C  name
/// </code>
/// </remarks>
internal readonly ref struct KeyNodeView(Span<byte> bytes)
{
    public const int HeaderSize = 0x4C;
    public const ushort HiveEntryFlag = 0x0004;
    public const ushort CompressedNameFlag = 0x0020;
    public const ushort PredefinedHandleFlag = 0x0040;

    /// <summary>REG_KEY_RECURSE_FLAG of the virtualization control flags: new subkeys inherit them.</summary>
    public const byte InheritVirtualization = 0x08;

    private readonly Span<byte> _bytes = bytes;

    public bool HasSignature => _bytes[..2].SequenceEqual("nk"u8);

    public ushort Flags { get => Le.U16(_bytes, 0x02); set => Le.U16(_bytes, 0x02, value); }

    public long LastWritten { get => Le.I64(_bytes, 0x04); set => Le.I64(_bytes, 0x04, value); }

    public CellOffset Parent { get => new(Le.U32(_bytes, 0x10)); set => Le.U32(_bytes, 0x10, value.Value); }

    public uint SubkeyCount { get => Le.U32(_bytes, 0x14); set => Le.U32(_bytes, 0x14, value); }

    public CellOffset SubkeyList { get => new(Le.U32(_bytes, 0x1C)); set => Le.U32(_bytes, 0x1C, value.Value); }

    public CellOffset VolatileSubkeyList { set => Le.U32(_bytes, 0x20, value.Value); }

    public uint ValueCount { get => Le.U32(_bytes, 0x24); set => Le.U32(_bytes, 0x24, value); }

    public CellOffset ValueList { get => new(Le.U32(_bytes, 0x28)); set => Le.U32(_bytes, 0x28, value.Value); }

    public CellOffset Security { get => new(Le.U32(_bytes, 0x2C)); set => Le.U32(_bytes, 0x2C, value.Value); }

    public CellOffset ClassName { get => new(Le.U32(_bytes, 0x30)); set => Le.U32(_bytes, 0x30, value.Value); }

    public ushort LargestSubkeyName { get => Le.U16(_bytes, 0x34); set => Le.U16(_bytes, 0x34, value); }

    public byte VirtualizationFlags
    {
        get => (byte)(_bytes[0x36] >> 4);
        set => _bytes[0x36] = (byte)((_bytes[0x36] & 0x0F) | ((value & 0x0F) << 4));
    }

    public uint LargestSubkeyClass { get => Le.U32(_bytes, 0x38); set => Le.U32(_bytes, 0x38, value); }

    public uint LargestValueName { get => Le.U32(_bytes, 0x3C); set => Le.U32(_bytes, 0x3C, value); }

    public uint LargestValueData { get => Le.U32(_bytes, 0x40); set => Le.U32(_bytes, 0x40, value); }

    public ushort NameLength { get => Le.U16(_bytes, 0x48); set => Le.U16(_bytes, 0x48, value); }

    public ushort ClassLength { get => Le.U16(_bytes, 0x4A); set => Le.U16(_bytes, 0x4A, value); }

    public bool HasCompressedName => (Flags & CompressedNameFlag) != 0;

    /// <summary>A predefined handle keeps its handle where others keep their number of values.</summary>
    public bool IsPredefinedHandle => (Flags & PredefinedHandleFlag) != 0;

    /// <summary>The name; <see cref="HiveCells.ReadKeyNode"/> has checked that it lies within the cell.</summary>
    public string Name => HiveName.Decode(_bytes.Slice(HeaderSize, NameLength), HasCompressedName);

    public void Sign() => "nk"u8.CopyTo(_bytes);
}
