using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>The data of values in cells: one cell, or a big data record (db) with segments.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Big data". From version 1.4 on, data of more than 16344 bytes:
/// 0x00 "db", 0x02 u16 number of segments, 0x04 u32 offset of the list of segment offsets. All segments but the last hold 16344 bytes.
/// </remarks>
internal sealed class BigData(HiveCells cells)
{
    public const int SegmentSize = 16344;
    private const int RecordSize = 8;

    /// <summary>Reads the data of a value that is not resident.</summary>
    public byte[] Read(CellOffset cell, uint size)
    {
        if (size > cells.Pages.Size)
        {
            throw cells.Damaged("value data", cell, $"at most {cells.Pages.Size} bytes", $"{size} bytes");
        }

        if (!IsBig(size))
        {
            return cells.Read(cell, "value data", (int)size, (int)size);
        }

        byte[] data = new byte[size];
        int done = 0;
        foreach (CellOffset segment in Segments(cell, (int)size, out _))
        {
            int length = Math.Min(SegmentSize, (int)size - done);
            cells.Read(segment, "big data segment", length, length).CopyTo(data, done);
            done += length;
        }

        return data;
    }

    /// <summary>Stores data in new cells.</summary>
    public CellOffset Write(ReadOnlySpan<byte> data)
    {
        if (!IsBig((uint)data.Length))
        {
            return cells.Allocate(data);
        }

        int count = SegmentCount(data.Length);
        byte[] list = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> segment = data.Slice(i * SegmentSize, Math.Min(SegmentSize, data.Length - (i * SegmentSize)));
            // The cell of the last segment too has full size, as in hives of Windows (and hivex reads 4 bytes less than a cell has).
            Le.U32(list, i * 4, cells.Allocate(segment, SegmentSize).Value);
        }

        Span<byte> record = stackalloc byte[RecordSize];
        "db"u8.CopyTo(record);
        Le.U16(record, 0x02, (ushort)count);
        Le.U32(record, 0x04, cells.Allocate(list).Value);
        return cells.Allocate(record);
    }

    public void Free(CellOffset cell, uint size)
    {
        if (IsBig(size))
        {
            List<CellOffset> segments = Segments(cell, (int)Math.Min(size, int.MaxValue), out CellOffset list);
            foreach (CellOffset segment in segments)
            {
                cells.Free(segment);
            }

            cells.Free(list);
        }

        cells.Free(cell);
    }

    public bool IsBig(uint size) => cells.Minor >= 4 && size > SegmentSize;

    private static int SegmentCount(int size) => (int)(((long)size + SegmentSize - 1) / SegmentSize);

    private List<CellOffset> Segments(CellOffset cell, int size, out CellOffset list)
    {
        byte[] record = cells.Read(cell, "big data", RecordSize, RecordSize);
        if (!record.AsSpan(0, 2).SequenceEqual("db"u8))
        {
            throw cells.WrongSignature("big data", cell, "db", record);
        }

        int count = Le.U16(record, 0x02);
        if (count != SegmentCount(size))
        {
            throw cells.Damaged("big data", cell, $"{SegmentCount(size)} segments for {size} bytes", $"{count}");
        }

        list = new CellOffset(Le.U32(record, 0x04));
        byte[] offsets = cells.Read(list, "big data segment list", count * 4, count * 4);
        List<CellOffset> segments = new(count);
        for (int i = 0; i < count; i++)
        {
            segments.Add(new CellOffset(Le.U32(offsets, i * 4)));
        }

        return segments;
    }
}
