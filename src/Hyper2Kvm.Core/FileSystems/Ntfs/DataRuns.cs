using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// Mapping pairs: a header byte (low nibble: bytes of the run's length; high nibble: bytes of the LCN's difference to the run before,
// 0 for a sparse run), then both, little-endian and signed. A header of 0 ends the list.

/// <summary>Mapping pairs: where the clusters of a non-resident attribute lie.</summary>
internal static class DataRuns
{
    private const string ErrorId = "NtfsRunListDamaged";

    /// <summary>Appends the runs of one attribute record to <paramref name="runs"/>.</summary>
    /// <param name="attribute">Non-resident.</param>
    /// <param name="runs">Those of the lower VCNs.</param>
    /// <param name="clusterCount">Clusters of the volume: no run may leave it.</param>
    /// <param name="number">File record, for messages.</param>
    /// <exception cref="DiskFormatException"><c>NtfsRunListDamaged</c>.</exception>
    public static void Decode(AttributeView attribute, List<DataRun> runs, long clusterCount, long number)
    {
        ReadOnlySpan<byte> pairs = attribute.MappingPairs;
        long vcn = runs.Count == 0 ? 0 : runs[^1].EndVcn;
        Require(attribute.LowestVcn == vcn, number, "the VCN after the part before", attribute.LowestVcn);
        long lcn = 0;
        int at = 0;
        while (at < pairs.Length && pairs[at] != 0)
        {
            int lengthSize = pairs[at] & 0x0F;
            int offsetSize = pairs[at] >> 4;
            at++;
            Require(lengthSize is > 0 and <= 8 && offsetSize <= 8 && lengthSize + offsetSize <= pairs.Length - at, number, "a mapping pair", at);
            long count = ReadSigned(pairs.Slice(at, lengthSize));
            Require(count > 0 && count <= attribute.HighestVcn + 1 - vcn, number, "a run within the attribute's VCNs", count);
            long runLcn = DataRun.Sparse;
            if (offsetSize > 0)
            {
                long delta = ReadSigned(pairs.Slice(at + lengthSize, offsetSize));
                Require(delta >= -lcn && delta < clusterCount - lcn && count <= clusterCount - lcn - delta, number, "a run within the volume", delta);
                lcn += delta;
                runLcn = lcn;
            }

            Append(runs, new DataRun(vcn, runLcn, count));
            vcn += count;
            at += lengthSize + offsetSize;
        }

        Require(vcn == attribute.HighestVcn + 1, number, "runs up to the highest VCN", vcn);
    }

    /// <summary>Adds a run, as part of the last one when it continues it.</summary>
    public static void Append(List<DataRun> runs, DataRun run)
    {
        if (runs.Count > 0 && runs[^1] is var last
            && (last.IsSparse ? run.IsSparse : !run.IsSparse && last.Lcn + last.Count == run.Lcn))
        {
            runs[^1] = last with { Count = last.Count + run.Count };
            return;
        }

        runs.Add(run);
    }

    private static long ReadSigned(ReadOnlySpan<byte> bytes)
    {
        long value = unchecked((sbyte)bytes[^1]);
        for (int i = bytes.Length - 2; i >= 0; i--)
        {
            value = unchecked((value << 8) | bytes[i]);
        }

        return value;
    }

    private static void Require(bool holds, long number, string expected, long actual)
    {
        if (!holds)
        {
            throw new DiskFormatException(
                ErrorId,
                string.Create(CultureInfo.InvariantCulture, $"NTFS mapping pairs of file record 0x{number:X}"),
                0,
                expected,
                string.Create(CultureInfo.InvariantCulture, $"0x{actual:X}"),
                "Run chkdsk in the guest before migrating it.");
        }
    }
}
