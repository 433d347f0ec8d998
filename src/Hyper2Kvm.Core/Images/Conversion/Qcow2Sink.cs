using System.Numerics;
using Hyper2Kvm.Images.Qcow2;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Writes clusters to a QCOW2 file: reading, looking for zeros, compressing and writing in parallel, giving out the room in order.</summary>
/// <param name="layout">Of the file; shared by the workers.</param>
/// <param name="target">The file.</param>
/// <param name="packer">Compresses the clusters; null: they stay as they are. A cluster that does not become smaller stays so too.</param>
/// <param name="clusterSize">Bytes.</param>
/// <param name="chunkSize">Bytes; whole clusters.</param>
internal sealed class Qcow2Sink(Qcow2Layout layout, IWriteTarget target, IClusterPacker? packer, int clusterSize, int chunkSize)
    : IChunkSink, IDisposable
{
    private const int Plain = -1;

    private readonly byte[] _buffer = new byte[chunkSize];
    private readonly byte[] _packed = packer is null ? [] : new byte[chunkSize];

    /// <summary>For each cluster: 0 all zero, <see cref="Plain"/>, or its length when compressed.</summary>
    private readonly int[] _lengths = new int[chunkSize / clusterSize];

    /// <summary>File offset of each cluster that is not all zero.</summary>
    private readonly long[] _offsets = new long[chunkSize / clusterSize];

    private readonly int _clusterBits = BitOperations.Log2((uint)clusterSize);

    public void Take(Chunk chunk, long ticket, Turnstile turnstile)
    {
        int clusters = (chunk.Length + clusterSize - 1) / clusterSize;
        chunk.Read(_buffer.AsSpan(0, clusters * clusterSize));
        Measure(clusters);
        if (!turnstile.Enter(ticket))
        {
            return;
        }

        Place(chunk.Offset >> _clusterBits, clusters);
        turnstile.Leave();
        WritePlain(clusters);
        WritePacked(clusters);
    }

    public void Dispose() => packer?.Dispose();

    private void Measure(int clusters)
    {
        int packed = 0;
        for (int i = 0; i < clusters; i++)
        {
            ReadOnlySpan<byte> cluster = _buffer.AsSpan(i * clusterSize, clusterSize);
            if (!cluster.ContainsAnyExcept((byte)0))
            {
                _lengths[i] = 0;
                continue;
            }

            int length = packer?.Pack(cluster, _packed.AsSpan(packed, clusterSize - 1)) ?? 0;
            _lengths[i] = length == 0 ? Plain : length;
            packed += length;
        }
    }

    /// <summary>Compressed ones first: they go on where those of the chunk before ended.</summary>
    private void Place(long diskCluster, int clusters)
    {
        int plain = 0;
        for (int i = 0; i < clusters; i++)
        {
            if (_lengths[i] > 0)
            {
                _offsets[i] = layout.Pack(_lengths[i]);
            }
            else if (_lengths[i] == Plain)
            {
                plain++;
            }
        }

        long next = plain > 0 ? layout.Take(plain) : 0;
        for (int i = 0; i < clusters; i++)
        {
            if (_lengths[i] > 0)
            {
                layout.MapPacked(diskCluster + i, _offsets[i], _lengths[i]);
            }
            else if (_lengths[i] == Plain)
            {
                layout.Map(diskCluster + i, next);
                _offsets[i] = next;
                next += clusterSize;
            }
        }
    }

    private void WritePlain(int clusters)
    {
        for (int i = 0; i < clusters; i++)
        {
            int first = i;
            while (i < clusters && _lengths[i] == Plain)
            {
                i++;
            }

            if (i > first)
            {
                target.Write(_offsets[first], _buffer.AsSpan(first * clusterSize, (i - first) * clusterSize));
            }
        }
    }

    /// <summary>The compressed clusters lie in the buffer as in the file, but for the places at which a new cluster was begun.</summary>
    private void WritePacked(int clusters)
    {
        int at = 0;
        int length = 0;
        long offset = 0;
        for (int i = 0; i < clusters; i++)
        {
            if (_lengths[i] <= 0)
            {
                continue;
            }

            if (offset + length != _offsets[i])
            {
                WritePacked(offset, at, length);
                at += length;
                length = 0;
                offset = _offsets[i];
            }

            length += _lengths[i];
        }

        WritePacked(offset, at, length);
    }

    private void WritePacked(long offset, int at, int length)
    {
        if (length > 0)
        {
            target.Write(offset, _packed.AsSpan(at, length));
        }
    }
}
