using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Fat;

// Microsoft FAT specification, section 6: directory entry.
//
//   0x00 11  DIR_Name            0x0E  2  DIR_CrtTime         0x14  2  DIR_FstClusHI (FAT32)
//   0x0B  1  DIR_Attr            0x10  2  DIR_CrtDate         0x16  2  DIR_WrtTime
//   0x0C  1  DIR_NTRes           0x12  2  DIR_LstAccDate      0x18  2  DIR_WrtDate
//   0x0D  1  DIR_CrtTimeTenth                                 0x1A  2  DIR_FstClusLO
//                                                             0x1C  4  DIR_FileSize

/// <summary>A directory entry in its buffer.</summary>
internal readonly ref struct FatEntryView(Span<byte> bytes)
{
    public const int Size = 32;
    public const byte Deleted = 0xE5;
    public const byte LongNameAttributes = 0x0F;
    public const byte VolumeLabel = 0x08;
    public const byte DirectoryAttribute = 0x10;
    public const byte ArchiveAttribute = 0x20;
    public const byte LowerCaseBase = 0x08;
    public const byte LowerCaseExtension = 0x10;

    private readonly Span<byte> _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Eight and three characters of the OEM code page, padded with spaces.</summary>
    public Span<byte> Name => _bytes[..11];

    public byte Attributes { get => _bytes[0x0B]; set => _bytes[0x0B] = value; }

    public byte CaseBits { get => _bytes[0x0C]; set => _bytes[0x0C] = value; }

    public bool IsEnd => _bytes[0] == 0;

    public bool IsDeleted => _bytes[0] == Deleted;

    public bool IsLongName => (Attributes & 0x3F) == LongNameAttributes;

    /// <summary><c>.</c> or <c>..</c>.</summary>
    public bool IsDot => _bytes[0] == (byte)'.';

    public uint Length { get => Le.U32(_bytes, 0x1C); set => Le.U32(_bytes, 0x1C, value); }

    public DateTime Modified => FatTime.Read(Le.U16(_bytes, 0x18), Le.U16(_bytes, 0x16));

    /// <summary>The high half has another use on FAT12 and FAT16.</summary>
    public uint FirstCluster(FatType type) =>
        Le.U16(_bytes, 0x1A) | (type == FatType.Fat32 ? (uint)Le.U16(_bytes, 0x14) << 16 : 0);

    public void SetFirstCluster(FatType type, uint cluster)
    {
        Le.U16(_bytes, 0x1A, (ushort)(cluster & 0xFFFF));
        if (type == FatType.Fat32)
        {
            Le.U16(_bytes, 0x14, (ushort)(cluster >> 16));
        }
    }

    public void SetModified(DateTime utc)
    {
        (ushort date, ushort time, _) = FatTime.Write(utc);
        Le.U16(_bytes, 0x12, date);
        Le.U16(_bytes, 0x16, time);
        Le.U16(_bytes, 0x18, date);
    }

    public void SetCreated(DateTime utc)
    {
        (ushort date, ushort time, byte tenth) = FatTime.Write(utc);
        _bytes[0x0D] = tenth;
        Le.U16(_bytes, 0x0E, time);
        Le.U16(_bytes, 0x10, date);
    }
}
