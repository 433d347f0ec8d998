namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Which clusters have an owner: one bit for each.</summary>
internal sealed class NtfsCheckerClusters(long count)
{
    private readonly ulong[] _words = new ulong[(count + 63) / 64];

    public bool this[long cluster] => (_words[cluster / 64] & (1UL << (int)(cluster % 64))) != 0;

    /// <summary>Eight clusters as the byte of $Bitmap.</summary>
    public byte ByteAt(long index) => (byte)((_words[index / 8] >> (int)(index % 8 * 8)) & 0xFF);

    /// <summary>Takes the clusters of a run.</summary>
    /// <returns>The first one that somebody else has, or -1.</returns>
    public long Take(DataRun run)
    {
        long twice = -1;
        for (long cluster = run.Lcn; cluster < run.Lcn + run.Count;)
        {
            int bit = (int)(cluster % 64);
            int bits = (int)Math.Min(64 - bit, run.Lcn + run.Count - cluster);
            ulong mask = (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1) << bit;
            ref ulong word = ref _words[cluster / 64];
            if ((word & mask) != 0 && twice < 0)
            {
                twice = cluster + System.Numerics.BitOperations.TrailingZeroCount(word & mask) - bit;
            }

            word |= mask;
            cluster += bits;
        }

        return twice;
    }
}
