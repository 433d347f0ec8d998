using System.Runtime.InteropServices;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

// Header of an attribute inside a file record.
//   0x00  4  type                      resident:                    non-resident:
//   0x04  4  length with header        0x10  4  value length        0x10  8  lowest VCN     0x28  8  allocated size
//   0x08  1  non-resident              0x14  2  value offset        0x18  8  highest VCN    0x30  8  data size
//   0x09  1  name length in chars      0x16  1  indexed             0x20  2  mapping pairs  0x38  8  initialized size
//   0x0A  2  name offset                                            0x22  1  compression    0x40  8  total allocated
//   0x0C  2  flags                                                           unit, 2^n            (compressed or sparse)
//   0x0E  2  instance                                                        clusters

/// <summary>One attribute inside the buffer of its file record, which <see cref="FileRecordView.Validate"/> has checked.</summary>
internal readonly ref struct AttributeView(Span<byte> bytes)
{
    public const ushort CompressedFlag = 0x0001;
    public const ushort EncryptedFlag = 0x4000;
    public const ushort SparseFlag = 0x8000;

    private readonly Span<byte> _bytes = bytes;

    public Span<byte> Bytes => _bytes;

    public uint Type => Le.U32(_bytes, 0x00);

    public int Length => (int)Le.U32(_bytes, 0x04);

    public bool IsNonResident => _bytes[0x08] != 0;

    public int NameLength => _bytes[0x09];

    public int NameOffset => Le.U16(_bytes, 0x0A);

    public ReadOnlySpan<char> Name => MemoryMarshal.Cast<byte, char>(_bytes.Slice(NameOffset, NameLength * 2));

    public ushort Flags { get => Le.U16(_bytes, 0x0C); set => Le.U16(_bytes, 0x0C, value); }

    public ushort Instance { get => Le.U16(_bytes, 0x0E); set => Le.U16(_bytes, 0x0E, value); }

    public int ValueLength => (int)Le.U32(_bytes, 0x10);

    public int ValueOffset => Le.U16(_bytes, 0x14);

    public Span<byte> Value => _bytes.Slice(ValueOffset, ValueLength);

    public long LowestVcn => IsNonResident ? Le.I64(_bytes, 0x10) : 0;

    public long HighestVcn => Le.I64(_bytes, 0x18);

    public int MappingPairsOffset => Le.U16(_bytes, 0x20);

    public int CompressionUnit => _bytes[0x22];

    public long AllocatedSize { get => Le.I64(_bytes, 0x28); set => Le.I64(_bytes, 0x28, value); }

    public long DataSize { get => Le.I64(_bytes, 0x30); set => Le.I64(_bytes, 0x30, value); }

    public long InitializedSize { get => Le.I64(_bytes, 0x38); set => Le.I64(_bytes, 0x38, value); }

    public ReadOnlySpan<byte> MappingPairs => _bytes[MappingPairsOffset..];

    public bool Is(uint type, ReadOnlySpan<char> name) => Type == type && Name.SequenceEqual(name);
}
