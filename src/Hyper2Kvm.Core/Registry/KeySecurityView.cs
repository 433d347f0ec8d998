using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>A key security item (sk): one security descriptor, shared by all keys that have it, in a ring of all of them.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Key security". Offsets are relative to the cell's data.
/// <code>
/// 0x00  2  "sk"     0x08  4  blink             0x10  4  security descriptor size
/// 0x04  4  flink    0x0C  4  reference count   0x14  security descriptor
/// </code>
/// </remarks>
internal readonly ref struct KeySecurityView(Span<byte> bytes)
{
    public const int HeaderSize = 0x14;

    private readonly Span<byte> _bytes = bytes;

    public bool HasSignature => _bytes[..2].SequenceEqual("sk"u8);

    public CellOffset Next { get => new(Le.U32(_bytes, 0x04)); set => Le.U32(_bytes, 0x04, value.Value); }

    public CellOffset Previous { get => new(Le.U32(_bytes, 0x08)); set => Le.U32(_bytes, 0x08, value.Value); }

    public uint ReferenceCount { get => Le.U32(_bytes, 0x0C); set => Le.U32(_bytes, 0x0C, value); }

    public uint DescriptorSize => Le.U32(_bytes, 0x10);
}
