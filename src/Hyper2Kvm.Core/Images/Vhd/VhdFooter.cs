using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhd;

// Microsoft "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format"; big-endian.
//   0 cookie "conectix"   24 u32 time stamp          40 u64 original size     64 u32 checksum: inverted sum of all other bytes
//   8 u32 features        28 creator application     48 u64 current size      68 UUID
//  12 u32 version 1.0     32 u32 creator version     56 u16 u8 u8 geometry    84 u8 saved state
//  16 u64 data offset     36 creator host OS         60 u32 disk type

/// <summary>The footer of a VHD, checked. A dynamic or differencing disk has a copy of it at its start.</summary>
internal sealed record VhdFooter
{
    public const int Size = 512;

    /// <summary>Virtual PC wrote footers of 511 bytes before its version of 2004.</summary>
    private const int ShortSize = 511;

    private const int Sector = 512;

    /// <summary>Cylinders, heads and sectors that stand for every larger disk.</summary>
    private const long MaxGeometry = 65535L * 16 * 255;

    public required VhdType Type { get; init; }

    /// <summary>Virtual size in bytes, as Hyper-V sees it.</summary>
    public required long CurrentSize { get; init; }

    /// <summary>File offset of the dynamic disk header; not for fixed disks.</summary>
    public required ulong DataOffset { get; init; }

    /// <summary>UUID of the disk, as its children name it.</summary>
    public required Guid Id { get; init; }

    /// <summary>Virtual size in bytes as QEMU sees it.</summary>
    /// <remarks>Virtual PC and QEMU's own creator go by the geometry, which is rounded down to whole cylinders; the creators listed here
    /// and disks beyond the largest geometry by the current size (QEMU block/vpc.c, vpc_open; its documentation of force_size_calc).</remarks>
    public required long QemuSize { get; init; }

    /// <summary>Bytes before the footer at the end of the file.</summary>
    public required long DataEnd { get; init; }

    /// <summary>The copy at the start is there, which is where QEMU looks for it.</summary>
    public required bool HasCopy { get; init; }

    /// <summary>The footer is of 512 bytes, not 511.</summary>
    public required bool IsWhole { get; init; }

    /// <returns>The footer, or null when the file is no VHD.</returns>
    /// <exception cref="DiskFormatException"><c>VhdFooterDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VhdVersionNotSupported</c>, <c>VhdTypeNotSupported</c>.</exception>
    public static VhdFooter? Find(FileBlockDevice file)
    {
        Span<byte> copy = stackalloc byte[Size];
        Span<byte> last = stackalloc byte[Size];
        bool hasCopy = TryRead(file, 0, Size, copy);
        bool hasLast = TryRead(file, file.Length - Size, Size, last);
        bool isWhole = hasLast;
        hasLast = hasLast || TryRead(file, file.Length - ShortSize, ShortSize, last);
        if (!hasCopy && !hasLast)
        {
            return null;
        }

        bool copyIsSound = hasCopy && IsSound(copy);
        bool lastIsSound = hasLast && IsSound(last);
        if (!copyIsSound && !lastIsSound)
        {
            Span<byte> one = hasLast ? last : copy;
            throw Damaged(file, 64, $"the checksum 0x{Checksum(one):X8}", $"0x{Be.U32(one, 64):X8}");
        }

        // Cookie, features and version, data offset; sizes, geometry, type; UUID. The copy may have another time stamp.
        if (copyIsSound && lastIsSound && !(copy[..24].SequenceEqual(last[..24]) && copy[40..64].SequenceEqual(last[40..64])
            && copy[68..84].SequenceEqual(last[68..84])))
        {
            throw Damaged(file, 0, "a copy at the start that agrees with the footer", "another size, geometry, type or UUID");
        }

        long end = !hasLast ? file.Length : file.Length - (isWhole ? Size : ShortSize);
        return Read(lastIsSound ? last : copy, file) with { DataEnd = end, HasCopy = copyIsSound, IsWhole = isWhole };
    }

    private static VhdFooter Read(ReadOnlySpan<byte> bytes, FileBlockDevice file)
    {
        uint version = Be.U32(bytes, 12);
        if (version >> 16 != 1)
        {
            throw new UnsupportedFeatureException(
                "VhdVersionNotSupported", $"VHD version {version >> 16}.{version & 0xFFFF}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        uint type = Be.U32(bytes, 60);
        if (type is not ((uint)VhdType.Fixed or (uint)VhdType.Dynamic or (uint)VhdType.Differencing))
        {
            throw new UnsupportedFeatureException("VhdTypeNotSupported", $"VHD disk type {type}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        ulong size = Be.U64(bytes, 48);
        if (size == 0 || size % Sector != 0 || size > long.MaxValue / 4)
        {
            throw Damaged(file, 48, "a current size of whole sectors", $"{size}");
        }

        return new VhdFooter
        {
            Type = (VhdType)type,
            CurrentSize = (long)size,
            DataOffset = Be.U64(bytes, 16),
            Id = new Guid(bytes.Slice(68, 16), bigEndian: true),
            QemuSize = QemuSizeOf(bytes, (long)size),
            DataEnd = 0,
            HasCopy = false,
            IsWhole = false,
        };
    }

    private static long QemuSizeOf(ReadOnlySpan<byte> bytes, long size)
    {
        ReadOnlySpan<byte> creator = bytes.Slice(28, 4);
        long geometry = (long)Be.U16(bytes, 56) * bytes[58] * bytes[59];
        bool byCurrentSize = geometry == MaxGeometry || creator.SequenceEqual("win "u8) || creator.SequenceEqual("qem2"u8)
            || creator.SequenceEqual("d2v "u8) || creator.SequenceEqual("CTXS"u8) || creator.SequenceEqual("tap\0"u8);
        return byCurrentSize ? size : geometry * Sector;
    }

    private static bool TryRead(FileBlockDevice file, long offset, int length, Span<byte> bytes)
    {
        bytes.Clear();
        if (offset < 0 || offset > file.Length - length)
        {
            return false;
        }

        file.Read(offset, bytes[..length]);
        return bytes.StartsWith("conectix"u8);
    }

    private static bool IsSound(ReadOnlySpan<byte> bytes) => Be.U32(bytes, 64) == Checksum(bytes);

    private static uint Checksum(ReadOnlySpan<byte> bytes) => VhdChecksum.Compute(bytes, 64);

    private static DiskFormatException Damaged(FileBlockDevice file, long offset, string expected, string actual) => new(
        "VhdFooterDamaged", $"VHD footer of '{file.Path}'", offset, expected, actual, ImageRemedy.Damaged);
}
