using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>What $Bitmap says is free, read piece by piece: it has a bit for each cluster, and the last byte may be used in part.</summary>
internal static class FreeClusters
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Bytes of a volume that belong to no file, in order.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsBitmapDamaged</c>: the bitmap does not cover the volume, or says that what must be in use
    /// is free.</exception>
    public static IEnumerable<BlockRange> Of(NtfsVolume volume)
    {
        NtfsFile file = volume.Load(new FileReference(FileReference.BitmapNumber, 0));
        IBlockDevice bitmap = file.OpenStream(file.Require(AttributeType.Data, ""));
        long clusters = volume.Boot.ClusterCount;
        if (bitmap.Length < (clusters + 7) / 8)
        {
            throw Damaged(0, $"a bitmap of {clusters} bits", $"{bitmap.Length} bytes");
        }

        foreach (long used in (ReadOnlySpan<long>)[0, volume.Boot.MftLcn, volume.Boot.MftMirrorLcn])
        {
            foreach (DataRun _ in Runs(bitmap, used, used + 1))
            {
                throw Damaged(used, "a cluster in use", "a free one");
            }
        }

        return InBytes(bitmap, clusters, volume.Boot.ClusterSize);
    }

    /// <summary>Bytes of a volume that a file's content takes, in the order of the file; none when there is no such file.</summary>
    public static IEnumerable<BlockRange> OfContent(NtfsVolume volume, GuestPath path)
    {
        if (volume.Walk(path).File is not { IsDirectory: false } file || file.Find(AttributeType.Data, "") is not { } data)
        {
            yield break;
        }

        foreach (DataRun run in data.Runs)
        {
            if (!run.IsSparse)
            {
                yield return new BlockRange(run.Lcn * volume.Boot.ClusterSize, run.Count * volume.Boot.ClusterSize);
            }
        }
    }

    /// <summary>Free runs of a range of clusters, in order.</summary>
    /// <param name="bitmap">$Bitmap, with a bit for each of the clusters at least.</param>
    /// <param name="from">First cluster.</param>
    /// <param name="to">First cluster after the range; what the last byte of the bitmap has behind it is not looked at.</param>
    public static IEnumerable<DataRun> Runs(IBlockDevice bitmap, long from, long to)
    {
        byte[] chunk = new byte[ChunkBytes];
        long runStart = -1;
        for (long at = from / 8; at * 8 < to; at += ChunkBytes)
        {
            int length = (int)Math.Min(ChunkBytes, ((to + 7) / 8) - at);
            bitmap.Read(at, chunk.AsSpan(0, length));
            long lcn = Math.Max(from, at * 8);
            long end = Math.Min(to, (at + length) * 8);
            while (lcn < end)
            {
                int index = (int)((lcn / 8) - at);
                byte skipped = runStart < 0 ? (byte)0xFF : (byte)0;
                if (lcn % 8 == 0 && end - lcn >= 8 && chunk[index] == skipped)
                {
                    int rest = (int)((end - lcn) / 8);
                    int other = chunk.AsSpan(index, rest).IndexOfAnyExcept(skipped);
                    lcn += (other < 0 ? rest : other) * 8L;
                    continue;
                }

                bool free = (chunk[index] & (1 << (int)(lcn % 8))) == 0;
                if (free && runStart < 0)
                {
                    runStart = lcn;
                }
                else if (!free && runStart >= 0)
                {
                    yield return new DataRun(0, runStart, lcn - runStart);
                    runStart = -1;
                }

                lcn++;
            }
        }

        if (runStart >= 0)
        {
            yield return new DataRun(0, runStart, to - runStart);
        }
    }

    private static IEnumerable<BlockRange> InBytes(IBlockDevice bitmap, long clusters, int clusterSize)
    {
        foreach (DataRun run in Runs(bitmap, 0, clusters))
        {
            yield return new BlockRange(run.Lcn * clusterSize, run.Count * clusterSize);
        }
    }

    private static DiskFormatException Damaged(long lcn, string expected, string actual) =>
        new("NtfsBitmapDamaged", "NTFS $Bitmap", lcn, expected, actual, "Run chkdsk in the guest before migrating it.");
}
