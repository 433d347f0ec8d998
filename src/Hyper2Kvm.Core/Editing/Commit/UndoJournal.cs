using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing.Commit;

// Little-endian.
//   0  "H2KVUNDO"                       56  u64 time of the edit, ticks UTC      128 u32 number of files
//   8  u32 version 1, 12 u32 0          64  fingerprint of the disk before       132 u32 number of regions
//   16 u64 length of the journal        96  fingerprint of the disk after
//   24 SHA-256 of all that follows
// File:   u32 length of the name, name in UTF-8, u64 length, u64 time of writing before and after, ticks UTC
// Region: u32 file, u32 length, u64 offset, the bytes before, the bytes after

/// <summary>What an edit in place overwrites, with what was there: enough to take it back, and to tell whether the disk is still as the
/// edit left it.</summary>
internal sealed record UndoJournal
{
    /// <summary>Of a fingerprint, a SHA-256.</summary>
    public const int FingerprintLength = 32;

    private const uint Version = 1;
    private const int HashPlace = 24;
    private const int BodyPlace = 56;
    private const int HeaderLength = 136;
    private const int MaxLength = 1 << 30;
    private const int MaxNameBytes = 4096;

    private static readonly byte[] s_magic = "H2KVUNDO"u8.ToArray();

    public required DateTime Created { get; init; }

    /// <summary>See <see cref="DiskFingerprint"/>.</summary>
    public required byte[] FingerprintBefore { get; init; }

    public required byte[] FingerprintAfter { get; init; }

    public required IReadOnlyList<UndoFile> Files { get; init; }

    /// <summary>In order of file and offset, none touching another.</summary>
    public required IReadOnlyList<UndoRegion> Regions { get; init; }

    /// <summary>Bytes of the disk's files that the edit overwrites.</summary>
    public long RegionBytes => Regions.Sum(region => (long)region.Before.Length);

    /// <exception cref="DiskFormatException"><c>UndoJournalDamaged</c></exception>
    public static UndoJournal Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length is < HeaderLength or > MaxLength)
        {
            throw Damaged(path, 0, $"a journal of {HeaderLength} to {MaxLength} bytes", $"{stream.Length}");
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        CheckHeader(bytes, path);
        UndoJournalReader reader = new(bytes, HeaderLength, path);
        UndoFile[] files = new UndoFile[reader.Count(Le.U32(bytes, 128), 28)];
        for (int i = 0; i < files.Length; i++)
        {
            string name = reader.Name(MaxNameBytes);
            files[i] = new UndoFile(name, reader.Number(), reader.Time(), reader.Time());
        }

        UndoRegion[] regions = new UndoRegion[reader.Count(Le.U32(bytes, 132), 18)];
        for (int i = 0; i < regions.Length; i++)
        {
            regions[i] = reader.Region(files, i == 0 ? null : regions[i - 1]);
        }

        reader.End();
        return new UndoJournal
        {
            Created = new DateTime(Le.I64(bytes, BodyPlace) & DateTime.MaxValue.Ticks, DateTimeKind.Utc),
            FingerprintBefore = bytes[64..96],
            FingerprintAfter = bytes[96..128],
            Files = files,
            Regions = regions,
        };
    }

    /// <exception cref="UnsupportedFeatureException"><c>InPlaceTooLarge</c></exception>
    public byte[] ToBytes(string imagePath)
    {
        long length = HeaderLength + Files.Sum(file => 28L + Encoding.UTF8.GetByteCount(file.Name)) + Regions.Sum(region => 16 + (2L * region.Before.Length));
        if (length > MaxLength)
        {
            throw new UnsupportedFeatureException(
                "InPlaceTooLarge", $"an edit in place of {RegionBytes} bytes", $"'{imagePath}'", "Leave out -InPlace: the edit goes into an overlay.");
        }

        byte[] bytes = new byte[length];
        s_magic.CopyTo(bytes, 0);
        Le.U32(bytes, 8, Version);
        Le.I64(bytes, 16, length);
        Le.I64(bytes, BodyPlace, Created.Ticks);
        FingerprintBefore.CopyTo(bytes, 64);
        FingerprintAfter.CopyTo(bytes, 96);
        Le.I32(bytes, 128, Files.Count);
        Le.I32(bytes, 132, Regions.Count);
        int at = HeaderLength;
        foreach (UndoFile file in Files)
        {
            at = Put(bytes, at, file);
        }

        foreach (UndoRegion region in Regions)
        {
            at = Put(bytes, at, region);
        }

        SHA256.HashData(bytes.AsSpan(BodyPlace), bytes.AsSpan(HashPlace));
        return bytes;
    }

    public static DiskFormatException Damaged(string path, long offset, string expected, string actual) => new(
        "UndoJournalDamaged", $"undo journal '{path}'", offset, expected, actual,
        "Take the disk from a backup. To go on with it as it is, at your own risk, move the journal away.");

    private static void CheckHeader(byte[] bytes, string path)
    {
        if (!bytes.AsSpan().StartsWith(s_magic))
        {
            throw Damaged(path, 0, "the magic H2KVUNDO", "other bytes");
        }

        if (Le.U32(bytes, 8) != Version)
        {
            throw new UnsupportedFeatureException(
                "UndoJournalVersion", $"version {Le.U32(bytes, 8)} of an undo journal", $"'{path}'", "Use the version of Hyper2Kvm that made the edit.");
        }

        if (Le.I64(bytes, 16) != bytes.Length)
        {
            throw Damaged(path, 16, $"a length of {bytes.Length} bytes, as the file has", $"{Le.I64(bytes, 16)}");
        }

        if (!SHA256.HashData(bytes.AsSpan(BodyPlace)).AsSpan().SequenceEqual(bytes.AsSpan(HashPlace, 32)))
        {
            throw Damaged(path, HashPlace, "the SHA-256 of what follows", "another");
        }
    }

    private static int Put(byte[] bytes, int at, UndoFile file)
    {
        int length = Encoding.UTF8.GetBytes(file.Name, bytes.AsSpan(at + 4));
        Le.I32(bytes, at, length);
        at += 4 + length;
        Le.I64(bytes, at, file.Length);
        Le.I64(bytes, at + 8, file.WrittenBefore.Ticks);
        Le.I64(bytes, at + 16, file.WrittenAfter.Ticks);
        return at + 24;
    }

    private static int Put(byte[] bytes, int at, UndoRegion region)
    {
        Le.I32(bytes, at, region.File);
        Le.I32(bytes, at + 4, region.Before.Length);
        Le.I64(bytes, at + 8, region.Offset);
        region.Before.CopyTo(bytes, at + 16);
        region.After.CopyTo(bytes, at + 16 + region.Before.Length);
        return at + 16 + (2 * region.Before.Length);
    }
}
