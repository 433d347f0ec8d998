using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A non-resident, uncompressed attribute as a device: reads go straight to its clusters.</summary>
internal sealed class StreamDevice : IBlockDevice
{
    private readonly IBlockDevice _volume;
    private readonly int _clusterSize;
    private readonly DataRun[] _runs;
    private readonly long _initialized;

    /// <param name="volume">The volume.</param>
    /// <param name="clusterSize">Bytes.</param>
    /// <param name="runs">Sorted by VCN, without gaps; what lies behind the last reads as zero.</param>
    /// <param name="length">Bytes of the stream.</param>
    /// <param name="initialized">Bytes after this read as zero.</param>
    public StreamDevice(IBlockDevice volume, int clusterSize, IReadOnlyList<DataRun> runs, long length, long initialized)
    {
        _volume = volume;
        _clusterSize = clusterSize;
        _runs = [.. runs];
        Length = length;
        _initialized = initialized;
    }

    public long Length { get; }

    public int SectorSize => 1;

    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        int valid = (int)Math.Clamp(_initialized - offset, 0, buffer.Length);
        buffer[valid..].Clear();
        buffer = buffer[..valid];
        for (int i = FindRun(offset / _clusterSize); buffer.Length > 0; i++)
        {
            if (i >= _runs.Length)
            {
                buffer.Clear();
                return;
            }

            DataRun run = _runs[i];
            long within = offset - (run.Vcn * _clusterSize);
            int count = (int)Math.Min(buffer.Length, (run.Count * _clusterSize) - within);
            if (run.IsSparse)
            {
                buffer[..count].Clear();
            }
            else
            {
                _volume.ReadChecked((run.Lcn * _clusterSize) + within, buffer[..count], "NtfsVolumeTruncated", "NTFS data run");
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    private int FindRun(long vcn)
    {
        int low = 0;
        int high = _runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_runs[middle].EndVcn <= vcn)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
