using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt; see Qcow2Header for the header's fields.
// The file: header cluster | data clusters, after those of each 512 MiB of disk their L2 table | L1 table | refcount blocks | refcount table.
// Every cluster of the file is used once, so all refcounts are 1. The header is written last: a file cut short has no magic.

/// <summary>Writes a new QCOW2 version 3 file from start to end, in one pass over the disk; existing files are never changed.</summary>
public sealed class Qcow2Writer
{
    private const int ClusterBits = 16;
    private const int ClusterSize = 1 << ClusterBits;
    private const int EntriesPerTable = ClusterSize / 8;
    private const int RefcountsPerBlock = ClusterSize / 2;
    private const int HeaderLength = 112;
    private const int ClustersPerRead = 16;
    private const ulong RefcountIsOne = 1UL << 63;
    private const ulong ReadsAsZeros = 1;

    private readonly Stream _target;
    private readonly Qcow2Content _content;
    private readonly long _size;
    private readonly byte[] _l1;
    private readonly byte[] _l2 = new byte[ClusterSize];
    private long _l2Index = -1;
    private long _written;

    private Qcow2Writer(Stream target, Qcow2Content content)
    {
        _target = target;
        _content = content;
        _size = (content.Disk.Length + 511) / 512 * 512;
        long diskClusters = (_size + ClusterSize - 1) / ClusterSize;
        _l1 = new byte[(diskClusters + EntriesPerTable - 1) / EntriesPerTable * 8];
    }

    /// <summary>Writes the file; afterwards <paramref name="target"/> is complete, but neither flushed nor closed.</summary>
    /// <param name="target">Empty, seekable. Useless when this method does not return.</param>
    /// <param name="content">What to write. Clusters that are all zero take no room.</param>
    /// <param name="cancellationToken">Stops between two reads of at most 1 MiB.</param>
    /// <exception cref="ArgumentException">The target is not an empty seekable stream, or the backing file's name does not fit.</exception>
    public static void Write(Stream target, Qcow2Content content, CancellationToken cancellationToken = default)
    {
        if (!target.CanSeek || target.Length != 0)
        {
            throw new ArgumentException("The target must be seekable and empty.", nameof(target));
        }

        byte[] header = Header(content);
        Qcow2Writer writer = new(target, content);
        target.Write(new byte[ClusterSize]);
        writer._written = 1;
        writer.WriteData(cancellationToken);
        writer.WriteTables(header);
    }

    /// <summary>The header cluster with all that does not depend on the rest of the file.</summary>
    private static byte[] Header(Qcow2Content content)
    {
        byte[] name = Encoding.UTF8.GetBytes(content.BackingFile ?? "");
        byte[] format = Encoding.ASCII.GetBytes(content.BackingFormat ?? "");
        if (name.Length > Qcow2Header.MaxBackingName || (name.Length == 0) != (format.Length == 0) || format.Length > 15)
        {
            throw new ArgumentException(
                $"A backing file needs a name of up to {Qcow2Header.MaxBackingName} bytes and a format's name.", nameof(content));
        }

        byte[] header = new byte[ClusterSize];
        Be.U32(header, 0, Qcow2Header.Magic);
        Be.U32(header, 4, 3);
        Be.U32(header, 20, ClusterBits);
        Be.U32(header, 96, 4); // refcount_order: 16 bits
        Be.U32(header, 100, HeaderLength);
        int end = HeaderLength;
        if (content.Marker is { } marker)
        {
            Be.U32(header, end, marker);
            Be.I32(header, end + 4, content.MarkerData.Length);
            content.MarkerData.Span.CopyTo(header.AsSpan(end + 8));
            end += 8 + ((content.MarkerData.Length + 7) & ~7);
        }

        if (name.Length > 0)
        {
            Be.U32(header, end, Qcow2Extensions.BackingFormatType);
            Be.U32(header, end + 4, (uint)format.Length);
            format.CopyTo(header, end + 8);
            end += 8 + ((format.Length + 7) & ~7);
            Be.I64(header, 8, end + 8); // after the empty extension that ends the list
            Be.I32(header, 16, name.Length);
            name.CopyTo(header, end + 8);
        }

        return header;
    }

    private void WriteData(CancellationToken cancellationToken)
    {
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
            }
        }

        FinishTable();
    }

    private void WriteClusters(long diskCluster, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[ClusterSize..], diskCluster++)
        {
            SelectTable(diskCluster / EntriesPerTable);
            ReadOnlySpan<byte> cluster = bytes[..ClusterSize];
            ulong entry = _content.BackingFile is null ? 0 : ReadsAsZeros;
            if (cluster.ContainsAnyExcept((byte)0))
            {
                entry = (ulong)Append(cluster) | RefcountIsOne;
            }

            Be.U64(_l2, (int)(diskCluster % EntriesPerTable) * 8, entry);
        }
    }

    /// <summary>Makes <c>_l2</c> the table with this index; tables come in ascending order, so the one before is done.</summary>
    private void SelectTable(long index)
    {
        if (index != _l2Index)
        {
            FinishTable();
            _l2Index = index;
        }
    }

    private void FinishTable()
    {
        if (_l2.AsSpan().ContainsAnyExcept((byte)0))
        {
            Be.U64(_l1, (int)_l2Index * 8, (ulong)Append(_l2) | RefcountIsOne);
            _l2.AsSpan().Clear();
        }
    }

    private void WriteTables(byte[] header)
    {
        long l1Offset = Append(_l1);
        long blocks = 0;
        long tableClusters = 0;
        long total = _written;
        while (blocks * RefcountsPerBlock < total || tableClusters * EntriesPerTable < blocks)
        {
            blocks = (total + RefcountsPerBlock - 1) / RefcountsPerBlock;
            tableClusters = (blocks + EntriesPerTable - 1) / EntriesPerTable;
            total = _written + blocks + tableClusters;
        }

        byte[] table = new byte[tableClusters * ClusterSize];
        byte[] block = new byte[ClusterSize];
        for (long index = 0; index < blocks; index++)
        {
            long used = Math.Min(RefcountsPerBlock, total - (index * RefcountsPerBlock));
            block.AsSpan().Clear();
            for (int i = 0; i < used; i++)
            {
                Be.U16(block, i * 2, 1);
            }

            Be.I64(table, (int)index * 8, Append(block));
        }

        Be.I64(header, 24, _size);
        Be.I32(header, 36, _l1.Length / 8);
        Be.I64(header, 40, l1Offset);
        Be.I64(header, 48, Append(table));
        Be.U32(header, 56, (uint)tableClusters);
        _target.Position = 0;
        _target.Write(header);
    }

    /// <summary>Appends whole clusters, the last one filled up with zeros.</summary>
    /// <returns>Their offset in the file.</returns>
    private long Append(ReadOnlySpan<byte> bytes)
    {
        long offset = _written * ClusterSize;
        _target.Write(bytes);
        int missing = -bytes.Length & (ClusterSize - 1);
        if (missing > 0)
        {
            _target.Write(new byte[missing]);
        }

        _written += (bytes.Length + missing) / ClusterSize;
        return offset;
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
