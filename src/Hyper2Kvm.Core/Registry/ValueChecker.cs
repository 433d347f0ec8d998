using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>Checks the values of a key: list, nodes, data cells, big data, statistics.</summary>
internal sealed class ValueChecker(CheckedCells cells)
{
    public void Check(CellOffset key, KeyNodeView node)
    {
        if (node.IsPredefinedHandle || node.ValueCount == 0)
        {
            return;
        }

        if (node.ValueCount > cells.Size / 4)
        {
            cells.Report("HiveValueListDamaged", key, string.Create(CultureInfo.InvariantCulture, $"{node.ValueCount} values do not fit a hive"));
            return;
        }

        int size = (int)node.ValueCount * 4;
        if (!cells.Claim(node.ValueList, "key values list", size, out Span<byte> list))
        {
            return;
        }

        uint largestName = 0;
        uint largestData = 0;
        for (int offset = 0; offset < size; offset += 4)
        {
            (uint name, uint data) = CheckValue(new CellOffset(Le.U32(list, offset)));
            largestName = Math.Max(largestName, name);
            largestData = Math.Max(largestData, data);
        }

        if (node.LargestValueName < largestName || node.LargestValueData < largestData)
        {
            cells.Report(
                "HiveStatisticsWrong",
                key,
                string.Create(CultureInfo.InvariantCulture, $"a value name of {largestName} bytes, data of {largestData}; the key says {node.LargestValueName} and {node.LargestValueData}"));
        }
    }

    /// <returns>The sizes of its name (as UTF-16) and of its data.</returns>
    private (uint Name, uint Data) CheckValue(CellOffset cell)
    {
        if (!cells.Claim(cell, "key value", KeyValueView.HeaderSize, out Span<byte> data))
        {
            return (0, 0);
        }

        KeyValueView value = new(data);
        if (!value.HasSignature || value.NameLength > data.Length - KeyValueView.HeaderSize
            || (value.IsResident && value.DataSize > KeyValueView.LargestResident))
        {
            cells.Report("HiveValueDamaged", cell, "no whole key value");
            return (0, 0);
        }

        if (!value.IsResident && value.DataSize > 0)
        {
            CheckData(value);
        }

        return (value.HasCompressedName ? value.NameLength * 2u : value.NameLength, value.DataSize);
    }

    private void CheckData(KeyValueView value)
    {
        if (value.DataSize > cells.Size)
        {
            cells.Report("HiveDataDamaged", value.Data, string.Create(CultureInfo.InvariantCulture, $"{value.DataSize} bytes do not fit a hive"));
            return;
        }

        int size = (int)value.DataSize;
        if (cells.Minor < 4 || size <= BigData.SegmentSize)
        {
            cells.Claim(value.Data, "value data", size);
            return;
        }

        int count = (size + BigData.SegmentSize - 1) / BigData.SegmentSize;
        if (!cells.Claim(value.Data, "big data", 8, out Span<byte> record))
        {
            return;
        }

        if (!record[..2].SequenceEqual("db"u8) || Le.U16(record, 2) != count)
        {
            cells.Report("HiveDataDamaged", value.Data, string.Create(CultureInfo.InvariantCulture, $"no big data record with {count} segments"));
            return;
        }

        if (!cells.Claim(new CellOffset(Le.U32(record, 4)), "big data segment list", count * 4, out Span<byte> list))
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            cells.Claim(new CellOffset(Le.U32(list, i * 4)), "big data segment", Math.Min(BigData.SegmentSize, size - (i * BigData.SegmentSize)));
        }
    }
}
