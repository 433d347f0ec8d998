using System.Buffers;
using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>Finds room for new cells and takes back freed ones.</summary>
/// <remarks>
/// Policy, simple on purpose:
/// <list type="number">
/// <item>A new cell takes the smallest free cell that is known and large enough (lowest place first); the rest of it stays free.</item>
/// <item>Otherwise one bin, a whole number of 4 KiB pages, is added behind the last. A hive never shrinks.</item>
/// <item>A freed cell is joined with free neighbours in its bin, so lists that grow by replacement use the same room again.</item>
/// <item>Known are: up to 32 MiB all bins; beyond that the last MiB and every bin in which a cell was freed, so that adding a key to a
/// 200 MB hive does not read it. Every bin is checked whole (header, cells end to end) before its room is used.</item>
/// </list>
/// hbin header: 0x00 "hbin", 0x04 offset of this bin, 0x08 size, 0x0C reserved, 0x14 timestamp (first bin only), 0x1C spare.
/// </remarks>
internal sealed class CellAllocator(HivePages pages, string name)
{
    public const int BinHeader = 32;

    /// <summary>Where the first bin has the hive's last-written time.</summary>
    public const int BinTimestamp = 0x14;
    private const int ScanPage = 1024;
    private const int SmallestCell = 8;
    private const int FullScanLimit = 32 * 1024 * 1024;
    private const int TailScan = 1024 * 1024;
    private const int LargestBinSought = 16 * 1024 * 1024;
    private const int LargestHive = 0x7FFFF000;

    private readonly Dictionary<int, int> _binOfPage = [];
    private readonly Dictionary<int, int> _binEnd = [];
    /// <summary>Size in the upper half, place in the lower; in order once <see cref="Prepare"/> is done.</summary>
    private readonly List<long> _freeBySize = [];
    private readonly Dictionary<int, int> _freeByStart = [];
    private readonly Dictionary<int, int> _freeByEnd = [];
    private bool _isPrepared;

    /// <summary>Looks at the bins before the first edit.</summary>
    /// <exception cref="Diagnostics.DiskFormatException">A bin that was looked at is damaged.</exception>
    public void Prepare()
    {
        if (_isPrepared)
        {
            return;
        }

        if (pages.Size <= FullScanLimit)
        {
            for (int start = 0; start < pages.Size; start = _binEnd[start])
            {
                LearnBin(start);
            }
        }
        else
        {
            LearnTail();
        }

        _freeBySize.Sort();
        _isPrepared = true;
    }

    public CellOffset Allocate(ReadOnlySpan<byte> data, int capacity)
    {
        int size = Math.Max(SmallestCell, (HiveCells.CellHeader + capacity + 7) & ~7);
        (int Size, int Start) free = FindFree(size);
        Forget(free.Start, free.Size);
        if (free.Size > size)
        {
            MarkFree(free.Start + size, free.Size - size);
        }

        byte[] cell = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Le.I32(cell, 0, -size);
            data.CopyTo(cell.AsSpan(HiveCells.CellHeader));
            cell.AsSpan(HiveCells.CellHeader + data.Length, size - HiveCells.CellHeader - data.Length).Clear();
            pages.Write(free.Start, cell.AsSpan(0, size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cell);
        }

        return new CellOffset((uint)free.Start);
    }

    /// <summary>Frees a cell whose header has been checked.</summary>
    public void Free(CellOffset cell)
    {
        int start = (int)cell.Value;
        int bin = BinOf(start);
        int size = -ReadSize(start);
        int end = start + size;
        if (end > _binEnd[bin])
        {
            throw Hive.Damaged(name, "cell to free", cell.FileOffset, "a cell within its bin", $"size {size}");
        }

        if (end < _binEnd[bin] && _freeByStart.TryGetValue(end, out int next))
        {
            Forget(end, next);
            size += next;
        }

        if (start > bin + BinHeader && _freeByEnd.TryGetValue(start, out int previous))
        {
            Forget(previous, start - previous);
            size += start - previous;
            start = previous;
        }

        MarkFree(start, size);
    }

    private (int Size, int Start) FindFree(int size)
    {
        int at = PlaceOf(size, 0);
        return at < _freeBySize.Count ? ((int)(_freeBySize[at] >> 32), (int)(_freeBySize[at] & uint.MaxValue)) : AddBin(size);
    }

    /// <summary>Adds a bin that is one free cell of at least <paramref name="cellSize"/> bytes.</summary>
    private (int Size, int Start) AddBin(int cellSize)
    {
        int start = pages.Size;
        long binSize = ((long)cellSize + BinHeader + HivePages.PageSize - 1) / HivePages.PageSize * HivePages.PageSize;
        if (start + binSize > LargestHive)
        {
            throw new Diagnostics.GuestStateException(
                "HiveFull", name, $"The hive {name} has no room for {cellSize} more bytes.", "Remove what is not needed from it.");
        }

        pages.Resize(start + (int)binSize);
        byte[] bin = new byte[binSize];
        "hbin"u8.CopyTo(bin);
        Le.I32(bin, 0x04, start);
        Le.I32(bin, 0x08, (int)binSize);
        pages.Write(start, bin);
        KnowBin(start, (int)binSize);
        MarkFree(start + BinHeader, (int)binSize - BinHeader);
        return ((int)binSize - BinHeader, start + BinHeader);
    }

    private int BinOf(int cell)
    {
        if (_binOfPage.TryGetValue(cell / HivePages.PageSize, out int bin))
        {
            return bin;
        }

        bin = SeekBin(cell, cell) ?? throw Hive.Damaged(
            name, "hive bin", HiveBaseBlock.Size + (long)cell, "a bin around the cell to free", "none");
        LearnBin(bin);
        return bin;
    }

    private void LearnTail()
    {
        int end = pages.Size;
        while (end > 0 && pages.Size - end < TailScan && SeekBin(end - 1, null) is { } start)
        {
            LearnBin(start);
            end = start;
        }
    }

    /// <summary>The nearest bin header before a place whose bin reaches over it; null when there is none.</summary>
    /// <param name="place">Any byte of the bin.</param>
    /// <param name="cell">A cell that the bin must contain, or null. Data that only looks like a bin has no such cells.</param>
    private int? SeekBin(int place, int? cell)
    {
        int last = place / HivePages.PageSize * HivePages.PageSize;
        for (int start = last; start >= 0 && last - start <= LargestBinSought; start -= HivePages.PageSize)
        {
            if (BinSizeAt(start) is { } size && start + size > place && IsBin(start, size, cell))
            {
                return start;
            }
        }

        return null;
    }

    private bool IsBin(int start, int size, int? cell)
    {
        bool cellSeen = cell is null;
        for (int place = start + BinHeader; place < start + size;)
        {
            cellSeen |= place == cell;
            int length = Math.Abs((long)ReadSize(place)) is var long64 && long64 <= size ? (int)long64 : 0;
            if (length < SmallestCell || length % 8 != 0 || length > start + size - place)
            {
                return false;
            }

            place += length;
        }

        return cellSeen;
    }

    /// <summary>Checks a bin and remembers its free cells.</summary>
    private void LearnBin(int start)
    {
        int size = BinSizeAt(start) ?? throw Hive.Damaged(
            name, "hive bin", HiveBaseBlock.Size + (long)start, "a bin header that fits its place", "another");
        KnowBin(start, size);
        Span<byte> page = stackalloc byte[ScanPage];
        for (int place = start + BinHeader, read = -1; place < start + size;)
        {
            // Cells start at multiples of 8, so the size of one never lies across two pages.
            if (place / ScanPage != read)
            {
                read = place / ScanPage;
                pages.Read(read * ScanPage, page);
            }

            int cell = Le.I32(page, place % ScanPage);
            int length = cell == int.MinValue ? 0 : Math.Abs(cell);
            if (length < SmallestCell || length % 8 != 0 || length > start + size - place)
            {
                throw Hive.Damaged(
                    name,
                    "hive cell",
                    HiveBaseBlock.Size + (long)place,
                    "a cell that ends within its bin",
                    string.Create(CultureInfo.InvariantCulture, $"size {cell}"));
            }

            if (cell > 0)
            {
                Remember(place, cell);
            }

            place += length;
        }
    }

    private int? BinSizeAt(int start)
    {
        Span<byte> header = stackalloc byte[BinHeader];
        pages.Read(start, header);
        uint size = Le.U32(header, 0x08);
        return header[..4].SequenceEqual("hbin"u8) && Le.U32(header, 0x04) == start
            && size >= HivePages.PageSize && size % HivePages.PageSize == 0 && size <= pages.Size - start
            ? (int)size
            : null;
    }

    private int ReadSize(int place)
    {
        Span<byte> header = stackalloc byte[HiveCells.CellHeader];
        pages.Read(place, header);
        return Le.I32(header, 0);
    }

    private void KnowBin(int start, int size)
    {
        _binEnd[start] = start + size;
        for (int page = start / HivePages.PageSize; page < (start + size) / HivePages.PageSize; page++)
        {
            _binOfPage[page] = start;
        }
    }

    private void MarkFree(int start, int size)
    {
        Span<byte> header = stackalloc byte[HiveCells.CellHeader];
        Le.I32(header, 0, size);
        pages.Write(start, header);
        Remember(start, size);
    }

    private void Remember(int start, int size)
    {
        if (_isPrepared)
        {
            _freeBySize.Insert(PlaceOf(size, start), SizeKey(size, start));
        }
        else
        {
            _freeBySize.Add(SizeKey(size, start));
        }

        _freeByStart[start] = size;
        _freeByEnd[start + size] = start;
    }

    private static long SizeKey(int size, int start) => ((long)size << 32) | (uint)start;

    /// <summary>Where the free cell stands in <see cref="_freeBySize"/>, or would stand.</summary>
    private int PlaceOf(int size, int start) => _freeBySize.BinarySearch(SizeKey(size, start)) is var at && at < 0 ? ~at : at;

    private void Forget(int start, int size)
    {
        _freeBySize.RemoveAt(PlaceOf(size, start));
        _freeByStart.Remove(start);
        _freeByEnd.Remove(start + size);
    }
}
