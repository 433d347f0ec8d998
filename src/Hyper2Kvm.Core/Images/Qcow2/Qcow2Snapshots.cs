using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt, "Snapshots"; big-endian, entries of varying size padded to 8 bytes:
//   0 u64 L1 offset    12 u16 length of the id      16 u32 seconds since 1970    32 u32 size of the machine's state
//   8 u32 L1 entries   14 u16 length of the name    20 u32 nanoseconds           36 u32 size of extra data, then that, id, name

/// <summary>Reads the table of the internal snapshots of a QCOW2 file.</summary>
internal static class Qcow2Snapshots
{
    private const int EntrySize = 40;
    private const int MaxExtra = 1024;

    /// <summary>As QEMU, which opens no image with more.</summary>
    private const int MaxCount = 65536;
    private const long MaxTableBytes = 1024L * MaxCount;

    /// <exception cref="DiskFormatException"><c>QcowSnapshotTableDamaged</c></exception>
    public static IReadOnlyList<ImageSnapshot> Read(FileBlockDevice file, Qcow2Header header)
    {
        ulong start = header.SnapshotsOffset;
        Require(start <= long.MaxValue && start % (uint)header.ClusterSize == 0, file, 64, "a cluster's offset", start);
        if (header.SnapshotCount == 0)
        {
            return [];
        }

        Require(header.SnapshotCount <= MaxCount, file, 60, $"at most {MaxCount} snapshots", header.SnapshotCount);
        Require(start > 0 && start < (ulong)file.Length, file, 64, "a cluster within the file", start);
        List<ImageSnapshot> snapshots = [];
        long place = (long)start;
        for (uint i = 0; i < header.SnapshotCount; i++)
        {
            place = ReadOne(file, place, snapshots);
            Require(place - (long)start <= MaxTableBytes, file, place, $"a table of at most {MaxTableBytes} bytes", place - (long)start);
        }

        return snapshots;
    }

    /// <returns>Where the next entry is.</returns>
    private static long ReadOne(FileBlockDevice file, long place, List<ImageSnapshot> snapshots)
    {
        Span<byte> bytes = stackalloc byte[EntrySize];
        ReadPart(file, place, bytes);
        int id = Be.U16(bytes, 12);
        int name = Be.U16(bytes, 14);
        uint extra = Be.U32(bytes, 36);
        Require(extra <= MaxExtra, file, place + 36, $"at most {MaxExtra} bytes of extra data", extra);
        byte[] text = new byte[id + name];
        ReadPart(file, place + EntrySize + extra, text);
        snapshots.Add(new ImageSnapshot(
            Encoding.UTF8.GetString(text, 0, id), Encoding.UTF8.GetString(text, id, name), DateTimeOffset.FromUnixTimeSeconds(Be.U32(bytes, 16))));
        return place + ((EntrySize + extra + text.Length + 7) & ~7L);
    }

    private static void ReadPart(FileBlockDevice file, long place, Span<byte> bytes) =>
        file.ReadChecked(place, bytes, "QcowSnapshotTableDamaged", $"QCOW2 snapshot table of '{file.Path}'");

    private static void Require(bool condition, FileBlockDevice file, long offset, string expected, object actual)
    {
        if (!condition)
        {
            throw new DiskFormatException(
                "QcowSnapshotTableDamaged", $"QCOW2 snapshot table of '{file.Path}'", offset, expected, $"{actual}",
                "Keep a copy, then repair it: qemu-img check -r all IMAGE");
        }
    }
}
