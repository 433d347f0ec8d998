using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// A file that CompactOS compressed keeps its content in the stream WofCompressedData, its unnamed data is a hole of the real length.
// Reparse data (tag 0x80000017): 0x08 4 version  0x0C 4 provider (2: file)  0x10 4 version  0x14 4 algorithm: 0 XPRESS 4 KiB, 1 LZX,
// 2 XPRESS 8 KiB, 3 XPRESS 16 KiB. The stream: a table of where each chunk but the first begins, behind the table, in 4 bytes each
// (8 for files above 4 GiB), then the chunks; one as long as its content is not compressed.

/// <summary>A file compressed by CompactOS with XPRESS, as a device; one chunk is held unpacked.</summary>
internal sealed class CompactOsDevice : IBlockDevice
{
    private const string ErrorId = "NtfsCompressedDataDamaged";

    private readonly IBlockDevice _stream;
    private readonly int _entrySize;
    private readonly long _tableSize;
    private readonly byte[] _chunk;
    private long _held = -1;

    private CompactOsDevice(IBlockDevice stream, long length, int chunkSize)
    {
        _stream = stream;
        _chunk = new byte[chunkSize];
        _entrySize = length > uint.MaxValue ? 8 : 4;
        _tableSize = length == 0 ? 0 : (length - 1) / chunkSize * _entrySize;
        Length = length;
    }

    public long Length { get; }

    public int SectorSize => 1;

    /// <param name="stream">WofCompressedData.</param>
    /// <param name="length">Length of the file.</param>
    /// <param name="reparse">The reparse point's data.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="UnsupportedFeatureException"><c>NtfsCompactOs</c>: LZX, or no file compression at all.</exception>
    public static CompactOsDevice Open(IBlockDevice stream, long length, ReadOnlySpan<byte> reparse, string path)
    {
        int chunkSize = reparse.Length < 0x18 || Le.U32(reparse, 0x0C) != 2 ? 0 : Le.U32(reparse, 0x14) switch
        {
            0 => 4096,
            2 => 8192,
            3 => 16384,
            _ => 0,
        };
        return chunkSize > 0
            ? new CompactOsDevice(stream, length, chunkSize)
            : throw new UnsupportedFeatureException("NtfsCompactOs", "a file compressed by CompactOS with LZX", path, "Run compact /u on it in the guest.");
    }

    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        while (buffer.Length > 0)
        {
            Hold(offset / _chunk.Length);
            int within = (int)(offset % _chunk.Length);
            int count = Math.Min(buffer.Length, _chunk.Length - within);
            _chunk.AsSpan(within, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private void Hold(long index)
    {
        if (index == _held)
        {
            return;
        }

        _held = -1;
        long start = index == 0 ? 0 : ReadEntry(index - 1);
        bool last = (index + 1) * _chunk.Length >= Length;
        long end = last ? _stream.Length - _tableSize : ReadEntry(index);
        int length = (int)Math.Min(_chunk.Length, Length - (index * _chunk.Length));
        if (start < 0 || end <= start || end - start > length)
        {
            throw new DiskFormatException(ErrorId, "CompactOS chunk table", index * _entrySize, $"a chunk of at most {length} bytes", $"{start} to {end}");
        }

        byte[] packed = new byte[end - start];
        _stream.ReadChecked(_tableSize + start, packed, ErrorId, "CompactOS chunk");
        if (packed.Length == length)
        {
            packed.CopyTo(_chunk, 0);
        }
        else
        {
            XpressHuffman.Decompress(packed, _chunk.AsSpan(0, length));
        }

        _held = index;
    }

    private long ReadEntry(long index)
    {
        byte[] entry = new byte[8];
        _stream.ReadChecked(index * _entrySize, entry.AsSpan(0, _entrySize), ErrorId, "CompactOS chunk table");
        long start = Le.I64(entry, 0);
        return start >= 0 && start <= _stream.Length - _tableSize
            ? start
            : throw new DiskFormatException(ErrorId, "CompactOS chunk table", index * _entrySize, "a chunk within the stream", $"0x{start:X}");
    }
}
