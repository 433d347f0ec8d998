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

    /// <summary>Mapping pairs for the runs from <paramref name="lowestVcn"/> on, as many as fit.</summary>
    /// <param name="runs">Sorted by VCN, without gaps.</param>
    /// <param name="lowestVcn">First VCN of the attribute record.</param>
    /// <param name="limit">Bytes at most, the end marker included.</param>
    /// <returns>The pairs with their end marker, and the VCN after the last run in them.</returns>
    public static (byte[] Pairs, long EndVcn) Encode(IReadOnlyList<DataRun> runs, long lowestVcn, int limit)
    {
        List<byte> pairs = [];
        Span<byte> length = stackalloc byte[8];
        Span<byte> offset = stackalloc byte[8];
        long lcn = 0;
        long end = lowestVcn;
        foreach (DataRun run in runs)
        {
            if (run.EndVcn <= lowestVcn)
            {
                continue;
            }

            long skipped = Math.Max(0, lowestVcn - run.Vcn);
            int lengthSize = WriteSigned(length, run.Count - skipped);
            int offsetSize = run.IsSparse ? 0 : WriteSigned(offset, run.Lcn + skipped - lcn);
            if (pairs.Count + 1 + lengthSize + offsetSize + 1 > limit)
            {
                break;
            }

            pairs.Add((byte)(lengthSize | (offsetSize << 4)));
            pairs.AddRange(length[..lengthSize]);
            pairs.AddRange(offset[..offsetSize]);
            lcn = run.IsSparse ? lcn : run.Lcn + skipped;
            end = run.EndVcn;
        }

        pairs.Add(0);
        return ([.. pairs], end);
    }

    /// <summary>Writes as few bytes as keep the sign; returns their count.</summary>
    private static int WriteSigned(Span<byte> target, long value)
    {
        int size = 0;
        long rest = value;
        do
        {
            target[size++] = (byte)(rest & 0xFF);
            rest >>= 8;
        }
        while (!(rest == 0 && (target[size - 1] & 0x80) == 0) && !(rest == -1 && (target[size - 1] & 0x80) != 0));

        return size;
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
