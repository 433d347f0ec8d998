using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A file's content; its chain is walked when the first byte is wanted.</summary>
internal sealed class FatFile(IBlockDevice device, FatBootSector boot, FatTable table, string name, uint firstCluster, uint length)
    : IBlockDevice
{
    private List<FatRun>? _runs;

    public long Length => length;

    public int SectorSize => 1;

    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        while (buffer.Length > 0)
        {
            BlockRange place = Place(offset);
            int count = (int)Math.Min(buffer.Length, place.Length);
            device.Read(place.Offset, buffer[..count]);
            buffer = buffer[count..];
            offset += count;
        }
    }

    /// <summary>Changes bytes in place; the file keeps its length.</summary>
    public void Write(IWritableBlockDevice target, long offset, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + data.Length, Length);
        while (data.Length > 0)
        {
            BlockRange place = Place(offset);
            int count = (int)Math.Min(data.Length, place.Length);
            target.Write(place.Offset, data[..count]);
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Where the byte at <paramref name="offset"/> is on the volume, and how many lie behind it in one piece.</summary>
    private BlockRange Place(long offset)
    {
        _runs ??= table.ReadChain(firstCluster, name);
        long within = offset;
        foreach (FatRun run in _runs)
        {
            long bytes = run.Count * (long)boot.ClusterSize;
            if (within < bytes)
            {
                return new BlockRange(boot.OffsetOf(run.Cluster) + within, bytes - within);
            }

            within -= bytes;
        }

        throw new DiskFormatException("FatChainDamaged", $"FAT cluster chain of {name}", offset,
            string.Create(CultureInfo.InvariantCulture, $"clusters for {length} bytes"), "the end of the chain",
            "Run chkdsk on the volume in the guest.");
    }
}
