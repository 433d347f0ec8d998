using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// FILE_RECORD_SEGMENT_HEADER
//   0x00  4  "FILE"                         0x14  2  offset of the first attribute
//   0x04  2  update sequence array offset   0x16  2  flags: 1 in use, 2 directory ($I30 index)
//   0x06  2  its words                      0x18  4  bytes in use
//   0x08  8  $LogFile sequence number       0x1C  4  bytes allocated
//   0x10  2  sequence number                0x20  8  base record; 0 when this is one
//   0x12  2  hard link count                0x28  2  next attribute instance
//                                           0x2C  4  number of this record (NTFS 3.1)

/// <summary>A file record inside its buffer, its update sequence taken out.</summary>
internal readonly ref struct FileRecordView(Span<byte> bytes)
{
    public const ushort InUseFlag = 0x0001;
    public const ushort DirectoryFlag = 0x0002;
    public const string ErrorId = "NtfsFileRecordDamaged";

    private readonly Span<byte> _bytes = bytes;

    public static ReadOnlySpan<byte> Signature => "FILE"u8;

    public Span<byte> Bytes => _bytes;

    public int UpdateSequenceOffset => Le.U16(_bytes, 0x04);

    public ushort Sequence { get => Le.U16(_bytes, 0x10); set => Le.U16(_bytes, 0x10, value); }

    public ushort LinkCount { get => Le.U16(_bytes, 0x12); set => Le.U16(_bytes, 0x12, value); }

    public int FirstAttributeOffset => Le.U16(_bytes, 0x14);

    public ushort Flags { get => Le.U16(_bytes, 0x16); set => Le.U16(_bytes, 0x16, value); }

    public bool IsInUse => (Flags & InUseFlag) != 0;

    public bool IsDirectory => (Flags & DirectoryFlag) != 0;

    public int BytesInUse { get => (int)Le.U32(_bytes, 0x18); set => Le.U32(_bytes, 0x18, (uint)value); }

    public FileReference BaseRecord { get => new(Le.U64(_bytes, 0x20)); set => Le.U64(_bytes, 0x20, value.Value); }

    public ushort NextInstance { get => Le.U16(_bytes, 0x28); set => Le.U16(_bytes, 0x28, value); }

    /// <summary>The attribute at <paramref name="offset"/> of a validated record; false at the end marker.</summary>
    public bool TryGetAttribute(int offset, out AttributeView attribute)
    {
        if (Le.U32(_bytes, offset) == AttributeType.End)
        {
            attribute = default;
            return false;
        }

        attribute = new AttributeView(_bytes.Slice(offset, (int)Le.U32(_bytes, offset + 0x04)));
        return true;
    }

    /// <summary>Checks everything that the views rely on later: the header, the chain of attributes, and each attribute's parts.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsFileRecordDamaged</c>.</exception>
    public void Validate(long number)
    {
        uint used = Le.U32(_bytes, 0x18);
        uint allocated = Le.U32(_bytes, 0x1C);
        Require(allocated == _bytes.Length && used <= allocated, number, 0x18, "sizes within the record", used);
        int offset = FirstAttributeOffset;
        Require(offset >= 0x2A && offset % 8 == 0, number, 0x14, "an aligned attribute offset", offset);
        while (true)
        {
            Require(offset + 4 <= used, number, offset, "an attribute or the end marker", used);
            if (Le.U32(_bytes, offset) == AttributeType.End)
            {
                return;
            }

            Require(offset + 0x18 <= used, number, offset, "a whole attribute header", used);
            uint length = Le.U32(_bytes, offset + 0x04);
            Require(length >= 0x18 && length % 8 == 0 && length <= used - offset, number, offset + 0x04, "an attribute length", length);
            ValidateAttribute(new AttributeView(_bytes.Slice(offset, (int)length)), number, offset);
            offset += (int)length;
        }
    }

    private static void ValidateAttribute(AttributeView attribute, long number, int offset)
    {
        int length = attribute.Length;
        Require(attribute.NameLength == 0 || attribute.NameOffset + (attribute.NameLength * 2) <= length,
            number, offset + 0x0A, "a name within the attribute", attribute.NameOffset);
        Require(attribute.NameOffset <= length, number, offset + 0x0A, "a name offset within the attribute", attribute.NameOffset);
        if (!attribute.IsNonResident)
        {
            uint valueLength = Le.U32(attribute.Bytes, 0x10);
            Require(attribute.ValueOffset >= 0x18 && attribute.ValueOffset <= length && valueLength <= length - attribute.ValueOffset,
                number, offset + 0x10, "a value within the attribute", valueLength);
            return;
        }

        Require(length >= 0x40, number, offset + 4, "a non-resident attribute of 0x40 bytes or more", length);
        Require(attribute.MappingPairsOffset >= 0x40 && attribute.MappingPairsOffset < length,
            number, offset + 0x20, "mapping pairs within the attribute", attribute.MappingPairsOffset);
        const long limit = 1L << 42;
        Require(attribute.LowestVcn is >= 0 and < limit && attribute.HighestVcn >= attribute.LowestVcn - 1 && attribute.HighestVcn < limit,
            number, offset + 0x10, "a range of VCNs", attribute.LowestVcn);
        Require(attribute.CompressionUnit <= 16, number, offset + 0x22, "a compression unit", attribute.CompressionUnit);
        if (attribute.LowestVcn == 0)
        {
            Require(attribute.AllocatedSize >= 0 && attribute.DataSize >= 0 && attribute.InitializedSize >= 0
                && attribute.InitializedSize <= attribute.DataSize && attribute.DataSize <= attribute.AllocatedSize,
                number, offset + 0x28, "initialized <= data <= allocated size", attribute.DataSize);
        }
    }

    private static void Require(bool holds, long number, int offset, string expected, long actual)
    {
        if (!holds)
        {
            throw new DiskFormatException(
                ErrorId,
                string.Create(CultureInfo.InvariantCulture, $"NTFS file record 0x{number:X}"),
                offset,
                expected,
                string.Create(CultureInfo.InvariantCulture, $"0x{actual:X}"),
                "Run chkdsk in the guest before migrating it.");
        }
    }
}
