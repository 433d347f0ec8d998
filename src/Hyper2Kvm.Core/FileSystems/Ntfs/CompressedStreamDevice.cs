using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>An attribute that NTFS itself compressed, as a device; one compression unit is held unpacked.</summary>
/// <remarks>A unit without clusters is zero, one with all its clusters is stored as it is, one in between is LZNT1.</remarks>
internal sealed class CompressedStreamDevice : IBlockDevice
{
    private readonly StreamDevice _raw;
    private readonly IReadOnlyList<DataRun> _runs;
    private readonly int _clusterSize;
    private readonly int _unitClusters;
    private readonly byte[] _unit;
    private readonly byte[] _packed;
    private long _unitHeld = -1;

    public CompressedStreamDevice(IBlockDevice volume, int clusterSize, AttributeData attribute)
    {
        long unitBytes = (long)clusterSize << attribute.CompressionUnit;
        if (unitBytes > 2 << 20)
        {
            throw new DiskFormatException(
                "NtfsCompressedDataDamaged", "NTFS compressed attribute", 0, "a compression unit of at most 2 MiB", $"{unitBytes} bytes");
        }

        _clusterSize = clusterSize;
        _unitClusters = 1 << attribute.CompressionUnit;
        _runs = attribute.Runs;
        _unit = new byte[unitBytes];
        _packed = new byte[unitBytes];
        _raw = new StreamDevice(volume, clusterSize, _runs, long.MaxValue, long.MaxValue);
        Length = attribute.DataSize;
        Initialized = attribute.InitializedSize;
    }

    public long Length { get; }

    public int SectorSize => 1;

    private long Initialized { get; }

    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        int valid = (int)Math.Clamp(Initialized - offset, 0, buffer.Length);
        buffer[valid..].Clear();
        buffer = buffer[..valid];
        while (buffer.Length > 0)
        {
            Hold(offset / _unit.Length);
            int within = (int)(offset % _unit.Length);
            int count = Math.Min(buffer.Length, _unit.Length - within);
            _unit.AsSpan(within, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private void Hold(long unit)
    {
        if (unit == _unitHeld)
        {
            return;
        }

        _unitHeld = -1;
        int allocated = CountAllocated(unit * _unitClusters);
        if (allocated == 0)
        {
            _unit.AsSpan().Clear();
        }
        else if (allocated == _unitClusters)
        {
            _raw.Read(unit * _unit.Length, _unit);
        }
        else
        {
            Span<byte> packed = _packed.AsSpan(0, allocated * _clusterSize);
            _raw.Read(unit * _unit.Length, packed);
            Lznt1.Decompress(packed, _unit);
        }

        _unitHeld = unit;
    }

    /// <summary>Clusters of the unit that are there; they come first.</summary>
    private int CountAllocated(long firstVcn)
    {
        long allocated = 0;
        foreach (DataRun run in _runs)
        {
            if (!run.IsSparse)
            {
                allocated += Math.Max(0, Math.Min(run.EndVcn, firstVcn + _unitClusters) - Math.Max(run.Vcn, firstVcn));
            }
        }

        return (int)allocated;
    }
}
