using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A piece of a disk as it is drawn: a partition, or room between two.</summary>
/// <param name="Partition">Null for free room.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Size">Bytes.</param>
internal sealed record DiskSpan(PartitionInfo? Partition, long Offset, long Size)
{
    /// <summary>Less than this between two partitions is alignment, not room.</summary>
    private const long SmallestGap = 4 * 1024 * 1024;

    /// <summary>What it is, in words.</summary>
    public string Label => Partition is { } partition
        ? string.Create(CultureInfo.InvariantCulture, $"{partition}, {ByteSize.Text(Size)}")
        : $"not in a partition, {ByteSize.Text(Size)}";

    /// <summary>The whole disk in order. What a damaged table puts outside of it, or over another partition, is cut.</summary>
    public static IReadOnlyList<DiskSpan> Of(WindowsLayout layout)
    {
        List<DiskSpan> spans = [];
        long at = 0;
        foreach (PartitionInfo partition in layout.Partitions.OrderBy(partition => partition.Offset))
        {
            long start = Math.Clamp(partition.Offset, at, layout.VirtualSize);
            long end = partition.Size > layout.VirtualSize - start ? layout.VirtualSize : Math.Max(start, partition.Offset + partition.Size);
            AddGap(spans, at, start);
            spans.Add(new DiskSpan(partition, start, end - start));
            at = end;
        }

        AddGap(spans, at, layout.VirtualSize);
        return spans;
    }

    private static void AddGap(List<DiskSpan> spans, long from, long to)
    {
        if (to - from >= SmallestGap)
        {
            spans.Add(new DiskSpan(null, from, to - from));
        }
    }
}
