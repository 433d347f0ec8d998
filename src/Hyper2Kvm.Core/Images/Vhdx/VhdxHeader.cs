using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhdx;

// [MS-VHDX] 2.2.2 "Headers"; 4096 bytes at 64 KiB and again at 128 KiB, little-endian. The sound one with the higher number counts.
//   0 signature "head"     16 FileWriteGuid    64 u16 LogVersion   68 u32 LogLength
//   4 u32 CRC-32C          32 DataWriteGuid    66 u16 Version      72 u64 LogOffset
//   8 u64 SequenceNumber   48 LogGuid: zero when there is nothing to replay

/// <summary>The header of a VHDX that counts, checked; offsets and sizes in bytes.</summary>
internal sealed record VhdxHeader
{
    private const int Size = 4096;
    private const long First = 64 * 1024;
    private const long Second = 128 * 1024;

    public required ulong SequenceNumber { get; init; }

    /// <summary>Changes whenever the content of the disk does; children name their parent by it.</summary>
    public required Guid DataWriteId { get; init; }

    /// <summary>Which entries of the log are of this file's last use; empty when there is nothing to replay.</summary>
    public required Guid LogId { get; init; }

    public required long LogOffset { get; init; }

    public required long LogLength { get; init; }

    /// <exception cref="DiskFormatException"><c>VhdxHeaderDamaged</c>, <c>VhdxImageTruncated</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VhdxVersionNotSupported</c>.</exception>
    public static VhdxHeader Read(FileBlockDevice file)
    {
        byte[] bytes = new byte[Size];
        VhdxHeader? first = TryRead(file, First, bytes);
        VhdxHeader? second = TryRead(file, Second, bytes);
        VhdxHeader? newest = second is not null && second.SequenceNumber > (first?.SequenceNumber ?? 0) ? second : first ?? second;
        return newest ?? throw new DiskFormatException(
            "VhdxHeaderDamaged", $"VHDX headers of '{file.Path}'", First, "a header with its checksum", "none", ImageRemedy.Damaged);
    }

    /// <summary>New headers in place of both, as a writer has to leave them: [MS-VHDX] 2.2.2.1 asks for a new FileWriteGuid before the file is
    /// changed and for a new DataWriteGuid before what the guest sees is; a child made before then knows that its parent has changed.</summary>
    public static IReadOnlyList<HostPatch> Renew(FileBlockDevice file)
    {
        byte[] first = new byte[Size];
        byte[] second = new byte[Size];
        ulong sequence = Read(file).SequenceNumber;
        bool firstIsNewest = TryRead(file, First, first)?.SequenceNumber == sequence;
        file.Read(Second, second);
        byte[] after = [.. firstIsNewest ? first : second];
        Guid.NewGuid().TryWriteBytes(after.AsSpan(16));
        Guid.NewGuid().TryWriteBytes(after.AsSpan(32));
        after.AsSpan(48, 16).Clear();
        return [new HostPatch(file.Path, First, first, Numbered(after, sequence + 1)), new HostPatch(file.Path, Second, second, Numbered(after, sequence + 2))];
    }

    private static byte[] Numbered(byte[] header, ulong sequence)
    {
        byte[] numbered = [.. header];
        Le.U64(numbered, 8, sequence);
        Le.U32(numbered, 4, Crc32C.ComputeWithout(numbered, 4));
        return numbered;
    }

    /// <returns>The header, or null when it is not sound.</returns>
    private static VhdxHeader? TryRead(FileBlockDevice file, long place, byte[] bytes)
    {
        file.ReadChecked(place, bytes, "VhdxImageTruncated", $"VHDX header of '{file.Path}'");
        if (!bytes.AsSpan().StartsWith("head"u8) || Le.U32(bytes, 4) != Crc32C.ComputeWithout(bytes, 4))
        {
            return null;
        }

        int version = Le.U16(bytes, 66);
        int logVersion = Le.U16(bytes, 64);
        if (version != 1 || logVersion != 0)
        {
            throw new UnsupportedFeatureException(
                "VhdxVersionNotSupported", $"VHDX version {version} with a log of version {logVersion}", $"'{file.Path}'", ImageRemedy.Convert);
        }

        ulong logOffset = Le.U64(bytes, 72);
        return new VhdxHeader
        {
            SequenceNumber = Le.U64(bytes, 8),
            DataWriteId = new Guid(bytes.AsSpan(32, 16)),
            LogId = new Guid(bytes.AsSpan(48, 16)),
            LogOffset = logOffset <= long.MaxValue ? (long)logOffset : -1,
            LogLength = Le.U32(bytes, 68),
        };
    }
}
