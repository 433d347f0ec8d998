using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>The base block (file header) of a hive or of its transaction log, edited inside its buffer.</summary>
/// <remarks>
/// Source: "Windows registry file format specification", github.com/msuhanov/regf.
/// <code>
/// 0x000  4  "regf"                      0x024  4  root cell offset
/// 0x004  4  primary sequence number     0x028  4  hive bins data size
/// 0x008  4  secondary sequence number   0x02C  4  clustering factor
/// 0x00C  8  last written (FILETIME)     0x030 64  file name, UTF-16
/// 0x014  4  major version, 1            0x090  4  flags (1 = KTM holds the hive)
/// 0x018  4  minor version, 3 to 6       0x1FC  4  XOR of the 127 words before it; never 0 or 0xFFFFFFFF
/// 0x01C  4  file type: 0 hive, 1, 2 or 6 log
/// 0x020  4  file format, 1
/// </code>
/// A log holds only the first sector of it.
/// </remarks>
internal readonly ref struct HiveBaseBlock(Span<byte> bytes)
{
    public const int Size = 4096;
    public const int ChecksummedSize = 512;
    public const uint PrimaryType = 0;

    private readonly Span<byte> _bytes = bytes;

    public bool HasSignature => _bytes[..4].SequenceEqual("regf"u8);

    public uint PrimarySequence { get => Le.U32(_bytes, 0x004); set => Le.U32(_bytes, 0x004, value); }

    public uint SecondarySequence { get => Le.U32(_bytes, 0x008); set => Le.U32(_bytes, 0x008, value); }

    public long LastWritten { get => Le.I64(_bytes, 0x00C); set => Le.I64(_bytes, 0x00C, value); }

    public uint Major => Le.U32(_bytes, 0x014);

    public uint Minor => Le.U32(_bytes, 0x018);

    public uint FileType { get => Le.U32(_bytes, 0x01C); set => Le.U32(_bytes, 0x01C, value); }

    public uint FileFormat => Le.U32(_bytes, 0x020);

    public CellOffset RootCell => new(Le.U32(_bytes, 0x024));

    public uint BinsSize { get => Le.U32(_bytes, 0x028); set => Le.U32(_bytes, 0x028, value); }

    public uint ClusteringFactor => Le.U32(_bytes, 0x02C);

    public uint Flags { get => Le.U32(_bytes, 0x090); set => Le.U32(_bytes, 0x090, value); }

    public uint Checksum { get => Le.U32(_bytes, 0x1FC); set => Le.U32(_bytes, 0x1FC, value); }

    /// <summary>The checksum that the first 508 bytes ask for.</summary>
    public uint ComputeChecksum()
    {
        uint sum = 0;
        for (int offset = 0; offset < 0x1FC; offset += 4)
        {
            sum ^= Le.U32(_bytes, offset);
        }

        return sum switch { 0 => 1, 0xFFFFFFFF => 0xFFFFFFFE, _ => sum };
    }

    /// <summary>Signature, checksum and the file type are those of a whole base block of this kind.</summary>
    public bool IsWhole => HasSignature && Checksum == ComputeChecksum();
}
