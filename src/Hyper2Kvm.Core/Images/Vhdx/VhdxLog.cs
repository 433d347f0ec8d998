using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vhdx;

// [MS-VHDX] 2.3 "Log": a ring of entries. Each starts on a sector of 4096 bytes.
//   0 signature "loge"    8 u32 EntryLength   16 u64 SequenceNumber    32 LogGuid               56 u64 LastFileOffset
//   4 u32 CRC-32C        12 u32 Tail          24 u32 DescriptorCount   48 u64 FlushedFileOffset 64 descriptors of 32 bytes
// Descriptors: "zero": 8 u64 ZeroLength, 16 u64 FileOffset, 24 u64 SequenceNumber.
//              "desc": 4 u32 TrailingBytes, 8 u64 LeadingBytes, 16 u64 FileOffset, 24 u64 SequenceNumber.
// After the descriptors, on the next sector, one sector for each "desc", in order:
//   0 signature "data"    4 u32 SequenceHigh    8 bytes 8 to 4091 of the sector    4092 u32 SequenceLow

/// <summary>Finds what a VHDX's log holds that did not get into the file, and gives the file as it is with it. Nothing is written.</summary>
internal sealed class VhdxLog
{
    private const int Sector = 4096;
    private const int HeaderSize = 64;
    private const int DescriptorSize = 32;

    /// <summary>Hyper-V's logs have 1 MiB; a larger one would only cost memory.</summary>
    private const long MaxLength = 64 * 1024 * 1024;

    private readonly FileBlockDevice _file;
    private readonly VhdxHeader _header;
    private readonly byte[] _log;
    private long _budget;

    private VhdxLog(FileBlockDevice file, VhdxHeader header)
    {
        _file = file;
        _header = header;
        _log = new byte[header.LogLength];
        _budget = 8 * header.LogLength;
        file.ReadChecked(header.LogOffset, _log, "VhdxImageTruncated", $"VHDX log of '{file.Path}'");
    }

    /// <summary>The file with the active sequence of its log replayed in memory; the bytes of the file itself when there is none.</summary>
    /// <exception cref="DiskFormatException"><c>VhdxLogDamaged</c>, <c>VhdxImageTruncated</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>VhdxLogTooLarge</c>.</exception>
    public static VhdxReplayedFile Replay(FileBlockDevice file, VhdxHeader header)
    {
        if (header.LogId == Guid.Empty)
        {
            return new VhdxReplayedFile(file);
        }

        if (header.LogLength > MaxLength)
        {
            throw new UnsupportedFeatureException(
                "VhdxLogTooLarge", $"a VHDX log of {header.LogLength} bytes that has to be replayed", $"'{file.Path}'",
                ImageRemedy.ConvertInHyperV);
        }

        if (header.LogLength == 0 || header.LogLength % Sector != 0)
        {
            throw Damaged(file, header.LogOffset, "a log of whole sectors of 4096 bytes", $"{header.LogLength} bytes");
        }

        return new VhdxLog(file, header).Replay();
    }

    private VhdxReplayedFile Replay()
    {
        List<VhdxLogEntry> active = FindActiveSequence();
        VhdxLogEntry head = active[^1];
        if ((ulong)_file.Length < head.FlushedFileOffset)
        {
            throw new DiskFormatException(
                "VhdxImageTruncated", $"VHDX file '{_file.Path}'", _file.Length, $"{head.FlushedFileOffset} bytes as the log says",
                "the end of the file", ImageRemedy.Truncated);
        }

        VhdxReplayedFile replayed = new(_file, head.LastFileOffset);
        int first = active.FindIndex(entry => entry.Offset == head.Tail);
        for (int i = first; i < active.Count; i++)
        {
            Apply(active[i], replayed);
        }

        replayed.Complete();
        return replayed;
    }

    /// <summary>[MS-VHDX] 2.3.3: of all unbroken sequences whose last entry points back into them, the one with the highest number.</summary>
    private List<VhdxLogEntry> FindActiveSequence()
    {
        List<VhdxLogEntry>? active = null;
        ulong newest = 0;
        for (long tail = 0; tail < _log.Length;)
        {
            List<VhdxLogEntry> sequence = Follow(tail);
            if (sequence.Count == 0)
            {
                tail += Sector;
                continue;
            }

            VhdxLogEntry head = sequence[^1];
            newest = Math.Max(newest, head.SequenceNumber);
            bool whole = sequence.Exists(entry => entry.Offset == head.Tail);
            if (whole && (active is null || head.SequenceNumber > active[^1].SequenceNumber))
            {
                active = sequence;
            }

            long next = head.Offset + head.Length;
            tail = next > tail ? next : _log.Length;
        }

        // A last entry that is torn was not complete when the host went down. One that is torn before a sound one was, and is missed.
        return active is not null && active[^1].SequenceNumber == newest
            ? active : throw Damaged(_file, _header.LogOffset, "an unbroken sequence of entries", active is null ? "none" : "a gap before the newest");
    }

    private List<VhdxLogEntry> Follow(long tail)
    {
        List<VhdxLogEntry> sequence = [];
        long total = 0;
        long offset = tail;
        while (TryRead(offset) is { } entry && (sequence.Count == 0 || entry.SequenceNumber == unchecked(sequence[^1].SequenceNumber + 1)))
        {
            total += entry.Length;
            if (total > _log.Length)
            {
                break;
            }

            sequence.Add(entry);
            offset = (offset + entry.Length) % _log.Length;
        }

        return sequence;
    }

    /// <returns>The entry, or null when there is no sound one of this log.</returns>
    private VhdxLogEntry? TryRead(long offset)
    {
        ReadOnlySpan<byte> bytes = _log.AsSpan((int)offset);
        uint length = Le.U32(bytes, 8);
        if (!bytes.StartsWith("loge"u8) || length == 0 || length % Sector != 0 || length > _log.Length
            || Le.U64(bytes, 16) == 0 || new Guid(bytes.Slice(32, 16)) != _header.LogId)
        {
            return null;
        }

        _budget -= length;
        if (_budget < 0)
        {
            throw Damaged(_file, _header.LogOffset, "entries beside each other", "entries over each other");
        }

        ReadOnlySpan<byte> entry = Entry(offset, (int)length);
        uint descriptors = Le.U32(entry, 24);
        uint tail = Le.U32(entry, 12);
        return Le.U32(entry, 4) != Crc32C.ComputeWithout(entry, 4) || descriptors > (length - HeaderSize) / DescriptorSize
            ? null
            : new VhdxLogEntry(offset, (int)length, tail, Le.U64(entry, 16), (int)descriptors, Le.U64(entry, 48), Le.U64(entry, 56));
    }

    /// <summary>The bytes of an entry, put together when it goes round the end of the ring.</summary>
    private ReadOnlySpan<byte> Entry(long offset, int length)
    {
        int first = (int)Math.Min(length, _log.Length - offset);
        if (first == length)
        {
            return _log.AsSpan((int)offset, length);
        }

        byte[] whole = new byte[length];
        _log.AsSpan((int)offset, first).CopyTo(whole);
        _log.AsSpan(0, length - first).CopyTo(whole.AsSpan(first));
        return whole;
    }

    private void Apply(VhdxLogEntry entry, VhdxReplayedFile replayed)
    {
        ReadOnlySpan<byte> bytes = Entry(entry.Offset, entry.Length);
        int data = (HeaderSize + (entry.Descriptors * DescriptorSize) + Sector - 1) / Sector * Sector;
        for (int i = 0; i < entry.Descriptors; i++)
        {
            ReadOnlySpan<byte> descriptor = bytes.Slice(HeaderSize + (i * DescriptorSize), DescriptorSize);
            ulong place = Le.U64(descriptor, 16);
            bool isZero = descriptor.StartsWith("zero"u8);
            ulong length = isZero ? Le.U64(descriptor, 8) : Sector;
            bool sound = (isZero || descriptor.StartsWith("desc"u8)) && Le.U64(descriptor, 24) == entry.SequenceNumber
                && place % Sector == 0 && length % Sector == 0
                && place <= VhdxReplayedFile.MaxLength && length <= VhdxReplayedFile.MaxLength - place;
            Require(sound, entry, "a zero or data descriptor of the entry", "another");
            if (isZero)
            {
                replayed.Zero((long)place, (long)length);
                continue;
            }

            Require(data <= bytes.Length - Sector, entry, "a data sector for each data descriptor", "fewer");
            replayed.Put((long)place, DataSector(descriptor, bytes.Slice(data, Sector), entry));
            data += Sector;
        }
    }

    private byte[] DataSector(ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> stored, VhdxLogEntry entry)
    {
        ulong number = ((ulong)Le.U32(stored, 4) << 32) | Le.U32(stored, 4092);
        Require(stored.StartsWith("data"u8) && number == entry.SequenceNumber, entry, "a data sector of the entry", "another");
        byte[] sector = stored.ToArray();
        descriptor.Slice(8, 8).CopyTo(sector);
        descriptor.Slice(4, 4).CopyTo(sector.AsSpan(4092));
        return sector;
    }

    private void Require(bool condition, VhdxLogEntry entry, string expected, string actual)
    {
        if (!condition)
        {
            throw Damaged(_file, _header.LogOffset + entry.Offset, expected, actual);
        }
    }

    private static DiskFormatException Damaged(FileBlockDevice file, long offset, string expected, string actual) => new(
        "VhdxLogDamaged", $"VHDX log of '{file.Path}'", offset, expected, actual, ImageRemedy.Damaged);
}
