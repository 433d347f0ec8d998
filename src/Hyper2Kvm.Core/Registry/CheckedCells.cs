using System.Globalization;
using System.Numerics;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>For the checker: all bins in memory, where cells start, and which cells something points at.</summary>
/// <param name="bins">The bins, perhaps followed by bytes that are none.</param>
/// <param name="size">Bytes of bins.</param>
/// <param name="minor">Minor version of the hive.</param>
/// <param name="findings">Takes what is wrong.</param>
internal sealed class CheckedCells(byte[] bins, int size, uint minor, List<HiveFinding> findings)
{
    // One bit for each 8 bytes, the grain of cells. Plain words: a checker that visits every cell of a hive has no time for calls.
    private readonly ulong[] _inUse = new ulong[(size / 8 / 64) + 1];
    private readonly ulong[] _claimed = new ulong[(size / 8 / 64) + 1];

    public uint Minor => minor;

    public int Size => size;

    public bool IsFull => findings.Count > HiveChecker.MostFindings;

    public void Report(string id, CellOffset cell, string message)
    {
        if (!IsFull)
        {
            findings.Add(new HiveFinding(id, cell.Value, message));
        }
    }

    /// <returns>False when a bin header is damaged, so that nothing behind it can be told.</returns>
    public bool CheckBins()
    {
        for (int start = 0; start < Size;)
        {
            uint binSize = Le.U32(bins, start + 0x08);
            if (!bins.AsSpan(start, 4).SequenceEqual("hbin"u8) || Le.U32(bins, start + 0x04) != start
                || binSize < HivePages.PageSize || binSize % HivePages.PageSize != 0 || binSize > Size - start)
            {
                Report("HiveBinDamaged", new CellOffset((uint)start), "the header of the hive bin does not fit its place");
                return false;
            }

            CheckBin(start, start + (int)binSize);
            start += (int)binSize;
        }

        return true;
    }

    /// <summary>Takes a cell that something points at; each cell only once. False, and a finding, when it is not one.</summary>
    public bool Claim(CellOffset cell, string structure, int least) => Claim(cell, structure, least, out _);

    /// <inheritdoc cref="Claim(CellOffset, string, int)"/>
    public bool Claim(CellOffset cell, string structure, int least, out Span<byte> data)
    {
        data = default;
        if (!IsInUse(cell))
        {
            Report("HiveCellMissing", cell, $"no cell in use for the {structure}");
            return false;
        }

        int index = (int)cell.Value / 8;
        if ((_claimed[index / 64] & (1UL << (index % 64))) != 0)
        {
            Report("HiveCellShared", cell, $"the {structure} is used for something else too");
            return false;
        }

        _claimed[index / 64] |= 1UL << (index % 64);
        data = Data(cell);
        if (data.Length < least)
        {
            Report("HiveCellTooSmall", cell, string.Create(CultureInfo.InvariantCulture, $"the {structure} needs {least} bytes, the cell has {data.Length}"));
            return false;
        }

        return true;
    }

    public bool IsInUse(CellOffset cell) => cell.Value % 8 == 0 && cell.Value < Size
        && (_inUse[cell.Value / 8 / 64] & (1UL << (int)(cell.Value / 8 % 64))) != 0;

    /// <summary>The data of a cell in use.</summary>
    public Span<byte> Data(CellOffset cell) =>
        new(bins, (int)cell.Value + HiveCells.CellHeader, -Le.I32(bins, (int)cell.Value) - HiveCells.CellHeader);

    /// <summary>How many cells in use nothing points at, and the first of them.</summary>
    public (int Count, int First) Unclaimed()
    {
        int count = 0;
        int first = -1;
        for (int word = 0; word < _inUse.Length; word++)
        {
            ulong unclaimed = _inUse[word] & ~_claimed[word];
            if (unclaimed != 0)
            {
                first = count == 0 ? ((word * 64) + BitOperations.TrailingZeroCount(unclaimed)) * 8 : first;
                count += BitOperations.PopCount(unclaimed);
            }
        }

        return (count, first);
    }

    private void CheckBin(int start, int end)
    {
        for (int place = start + CellAllocator.BinHeader; place < end;)
        {
            int cell = Le.I32(bins, place);
            int length = cell == int.MinValue ? 0 : Math.Abs(cell);
            if (length < 8 || length % 8 != 0 || length > end - place)
            {
                Report("HiveCellDamaged", new CellOffset((uint)place), string.Create(CultureInfo.InvariantCulture, $"the cell size {cell} does not fit"));
                return;
            }

            if (cell < 0)
            {
                _inUse[place / 8 / 64] |= 1UL << (place / 8 % 64);
            }

            place += length;
        }
    }
}
