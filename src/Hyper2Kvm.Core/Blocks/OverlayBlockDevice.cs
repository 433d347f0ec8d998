namespace Hyper2Kvm.Blocks;

/// <summary>A copy-on-write layer in memory over a device that is only read: where every edit happens before it is committed.</summary>
/// <remarks>Granularity is the QCOW2 default cluster, so that a commit writes these clusters as they are.</remarks>
public sealed class OverlayBlockDevice(IBlockDevice source) : IWritableBlockDevice
{
    public const int ClusterSize = 64 * 1024;

    private readonly Dictionary<long, byte[]> _clusters = [];
    private bool _frozen;

    public long Length => source.Length;

    public int SectorSize => source.SectorSize;

    /// <summary>Bytes held in memory.</summary>
    public long DirtyBytes => (long)_clusters.Count * ClusterSize;

    /// <summary>The clusters that were written, in order of their place on the device.</summary>
    public IReadOnlyList<BlockRange> DirtyRanges
    {
        get
        {
            long[] clusters = [.. _clusters.Keys];
            Array.Sort(clusters);
            return Array.ConvertAll(clusters, cluster => new BlockRange(cluster * ClusterSize, Math.Min(ClusterSize, Length - (cluster * ClusterSize))));
        }
    }

    /// <summary>From here on every write is a bug: what was verified is what gets committed.</summary>
    public void Freeze() => _frozen = true;

    public void Read(long offset, Span<byte> buffer)
    {
        CheckRange(offset, buffer.Length);
        while (buffer.Length > 0)
        {
            long cluster = offset / ClusterSize;
            int within = (int)(offset % ClusterSize);
            int count = Math.Min(buffer.Length, ClusterSize - within);
            if (_clusters.TryGetValue(cluster, out byte[]? bytes))
            {
                bytes.AsSpan(within, count).CopyTo(buffer);
            }
            else
            {
                count = CleanRun(cluster, within, buffer.Length);
                source.Read(offset, buffer[..count]);
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (_frozen)
        {
            throw new InvalidOperationException("The overlay is frozen: it has been verified and must not change any more.");
        }

        CheckRange(offset, data.Length);
        while (data.Length > 0)
        {
            long cluster = offset / ClusterSize;
            int within = (int)(offset % ClusterSize);
            int count = Math.Min(data.Length, ClusterSize - within);
            data[..count].CopyTo(ClusterForWriting(cluster, count).AsSpan(within));
            data = data[count..];
            offset += count;
        }
    }

    public void Flush()
    {
    }

    /// <summary>How many bytes from here on come from the source, so that one read fetches them together.</summary>
    private int CleanRun(long cluster, int within, int wanted)
    {
        int count = Math.Min(wanted, ClusterSize - within);
        while (count < wanted && !_clusters.ContainsKey(++cluster))
        {
            count = Math.Min(wanted, count + ClusterSize);
        }

        return count;
    }

    private byte[] ClusterForWriting(long cluster, int replaced)
    {
        if (!_clusters.TryGetValue(cluster, out byte[]? bytes))
        {
            bytes = new byte[ClusterSize];
            int inside = (int)Math.Min(ClusterSize, Length - (cluster * ClusterSize));
            if (replaced < inside)
            {
                source.Read(cluster * ClusterSize, bytes.AsSpan(0, inside));
            }

            _clusters.Add(cluster, bytes);
        }

        return bytes;
    }

    private void CheckRange(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
    }
}
