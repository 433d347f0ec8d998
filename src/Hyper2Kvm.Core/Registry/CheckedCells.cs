using System.Collections;
using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>For the checker: all bins in memory, where cells start, and which cells something points at.</summary>
internal sealed class CheckedCells(byte[] bins, uint minor, List<HiveFinding> findings)
{
    private readonly BitArray _inUse = new(bins.Length / 8);
    private readonly BitArray _claimed = new(bins.Length / 8);

    public uint Minor => minor;

    public int Size => bins.Length;

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
        for (int start = 0; start < bins.Length;)
        {
            uint size = Le.U32(bins, start + 0x08);
            if (!bins.AsSpan(start, 4).SequenceEqual("hbin"u8) || Le.U32(bins, start + 0x04) != start
                || size < HivePages.PageSize || size % HivePages.PageSize != 0 || size > bins.Length - start)
            {
                Report("HiveBinDamaged", new CellOffset((uint)start), "the header of the hive bin does not fit its place");
                return false;
            }

            CheckBin(start, start + (int)size);
            start += (int)size;
        }

        return true;
    }

    /// <summary>The data of a cell that something points at; each cell only once. Null, and a finding, when it is not one.</summary>
    public Memory<byte>? Claim(CellOffset cell, string structure, int least)
    {
        if (!IsInUse(cell))
        {
            Report("HiveCellMissing", cell, $"no cell in use for the {structure}");
            return null;
        }

        int index = (int)cell.Value / 8;
        if (_claimed[index])
        {
            Report("HiveCellShared", cell, $"the {structure} is used for something else too");
            return null;
        }

        _claimed[index] = true;
        Memory<byte> data = Data(cell);
        if (data.Length < least)
        {
            Report("HiveCellTooSmall", cell, string.Create(CultureInfo.InvariantCulture, $"the {structure} needs {least} bytes, the cell has {data.Length}"));
            return null;
        }

        return data;
    }

    public bool IsInUse(CellOffset cell) => cell.Value % 8 == 0 && cell.Value < bins.Length && _inUse[(int)cell.Value / 8];

    /// <summary>The data of a cell in use.</summary>
    public Memory<byte> Data(CellOffset cell) =>
        bins.AsMemory((int)cell.Value + HiveCells.CellHeader, -Le.I32(bins, (int)cell.Value) - HiveCells.CellHeader);

    /// <summary>How many cells in use nothing points at, and the first of them.</summary>
    public (int Count, int First) Unclaimed()
    {
        int count = 0;
        int first = -1;
        for (int index = 0; index < _inUse.Length; index++)
        {
            if (_inUse[index] && !_claimed[index] && count++ == 0)
            {
                first = index * 8;
            }
        }

        return (count, first);
    }

    private void CheckBin(int start, int end)
    {
        for (int place = start + CellAllocator.BinHeader; place < end;)
        {
            int size = Le.I32(bins, place);
            int length = size == int.MinValue ? 0 : Math.Abs(size);
            if (length < 8 || length % 8 != 0 || length > end - place)
            {
                Report("HiveCellDamaged", new CellOffset((uint)place), string.Create(CultureInfo.InvariantCulture, $"the cell size {size} does not fit"));
                return;
            }

            _inUse[place / 8] = size < 0;
            place += length;
        }
    }
}
