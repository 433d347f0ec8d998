using System.Buffers.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>A hive of 200 MB: a real one, then bins of 4 KiB that are one free cell each. Counts what is read.</summary>
internal sealed class LargeHiveDevice : IResizableBlockDevice
{
    private const int Bins = 200 * 1024 * 1024;

    private readonly byte[] _hive;
    private readonly int _realBins;
    private readonly Dictionary<long, byte[]> _written = [];

    public LargeHiveDevice(byte[] hive)
    {
        _hive = hive;
        _realBins = BinaryPrimitives.ReadInt32LittleEndian(hive.AsSpan(0x28));
        BinaryPrimitives.WriteInt32LittleEndian(hive.AsSpan(0x28), Bins);
        uint sum = 0;
        for (int i = 0; i < 508; i += 4)
        {
            sum ^= BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(i));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(508), sum);
    }

    public long BytesRead { get; private set; }

    public long BytesWritten { get; private set; }

    public long Length { get; private set; } = 4096L + Bins;

    public int SectorSize => 1;

    public void Read(long offset, Span<byte> buffer)
    {
        BytesRead += buffer.Length;
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = ByteAt(offset + i);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        BytesWritten += data.Length;
        for (int done = 0; done < data.Length; done += 4096)
        {
            _written[offset + done] = data.Slice(done, 4096).ToArray();
        }
    }

    public void Flush()
    {
    }

    public void SetLength(long length) => Length = length;

    private byte ByteAt(long offset)
    {
        if (_written.TryGetValue(offset / 4096 * 4096, out byte[]? page))
        {
            return page[offset % 4096];
        }

        if (offset < 4096 + _realBins)
        {
            return _hive[offset];
        }

        int bin = (int)((offset - 4096) / 4096 * 4096);
        int within = (int)(offset % 4096);
        return within switch
        {
            < 4 => "hbin"u8[within],
            < 8 => unchecked((byte)(bin >> (8 * (within - 4)))),
            9 => 0x10,
            32 => 0xE0,
            33 => 0x0F,
            _ => 0,
        };
    }
}
