using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt; see Qcow2Header for the header's fields.

/// <summary>Writes a new QCOW2 version 3 file from start to end, in one pass over the disk; existing files are never changed.</summary>
public sealed class Qcow2Writer
{
    private const int ClusterBits = 16;
    private const int ClusterSize = 1 << ClusterBits;
    private const int ClustersPerRead = 16;

    private readonly StreamTarget _target;
    private readonly Qcow2Content _content;
    private readonly Qcow2Layout _layout;

    private Qcow2Writer(Stream target, Qcow2Content content)
    {
        _target = new StreamTarget(target);
        _content = content;
        _layout = new Qcow2Layout(_target, ClusterBits, content.Disk.Length);
    }

    /// <summary>Writes the file; afterwards <paramref name="target"/> is complete, but neither flushed nor closed.</summary>
    /// <param name="target">Empty, seekable. Useless when this method does not return.</param>
    /// <param name="content">What to write. Clusters that are all zero take no room.</param>
    /// <param name="progress">Told how many bytes of how many are done.</param>
    /// <param name="cancellationToken">Stops between two reads of at most 1 MiB.</param>
    /// <exception cref="ArgumentException">The target is not an empty seekable stream, or the backing file's name does not fit.</exception>
    public static void Write(Stream target, Qcow2Content content, Action<long, long>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!target.CanSeek || target.Length != 0)
        {
            throw new ArgumentException("The target must be seekable and empty.", nameof(target));
        }

        byte[] header = new byte[ClusterSize];
        Qcow2NewHeader.Fill(header, ClusterBits, content);
        Qcow2Writer writer = new(target, content);
        writer.WriteData(progress, cancellationToken);
        writer._layout.Finish(header);
    }

    private void WriteData(Action<long, long>? progress, CancellationToken cancellationToken)
    {
        long total = _content.Ranges.Sum(range => range.Length);
        long done = 0;
        byte[] buffer = new byte[ClustersPerRead * ClusterSize];
        foreach (BlockRange range in WholeClusters())
        {
            for (long offset = range.Offset; offset < range.End; offset += buffer.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, range.End - offset));
                int inside = (int)Math.Min(bytes.Length, _content.Disk.Length - offset);
                _content.Disk.Read(offset, bytes[..inside]);
                bytes[inside..].Clear();
                WriteClusters(offset / ClusterSize, bytes);
                done += inside;
                progress?.Invoke(Math.Min(done, total), total);
            }
        }
    }

    private void WriteClusters(long diskCluster, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[ClusterSize..], diskCluster++)
        {
            ReadOnlySpan<byte> cluster = bytes[..ClusterSize];
            if (cluster.ContainsAnyExcept((byte)0))
            {
                long offset = _layout.Take(1);
                _target.Write(offset, cluster);
                _layout.Map(diskCluster, offset);
            }
            else if (_content.BackingFile is not null)
            {
                _layout.MapZero(diskCluster);
            }
        }
    }

    /// <summary>The ranges on the disk, widened to clusters, in order and without overlaps.</summary>
    private List<BlockRange> WholeClusters()
    {
        List<BlockRange> sorted = [];
        foreach (BlockRange range in _content.Ranges)
        {
            long end = Math.Min(range.End, _content.Disk.Length);
            if (range.Offset < end)
            {
                long start = range.Offset / ClusterSize * ClusterSize;
                sorted.Add(new BlockRange(start, ((end + ClusterSize - 1) / ClusterSize * ClusterSize) - start));
            }
        }

        sorted.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        List<BlockRange> merged = [];
        foreach (BlockRange range in sorted)
        {
            if (merged.Count > 0 && range.Offset <= merged[^1].End)
            {
                merged[^1] = new BlockRange(merged[^1].Offset, Math.Max(merged[^1].End, range.End) - merged[^1].Offset);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
