using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>The file allocation table: for every cluster the next one of its chain (Microsoft FAT specification, section 4).</summary>
internal sealed class FatTable(IBlockDevice device, FatBootSector boot)
{
    /// <summary>An entry of a cluster that nobody has.</summary>
    public const uint Free = 0;

    /// <summary>A whole table of FAT12 fits, so no entry lies on the border of two windows.</summary>
    private const int WindowSize = 8192;

    private readonly byte[] _window = new byte[WindowSize];
    private long _windowStart = -1;

    /// <summary>Number of the last cluster.</summary>
    public uint LastCluster => boot.ClusterCount + 1;

    /// <summary>What ends a chain when we write one.</summary>
    public uint EndOfChain => boot.Type switch { FatType.Fat12 => 0xFFF, FatType.Fat16 => 0xFFFF, _ => 0x0FFF_FFFF };

    /// <summary>What says that a cluster is unusable.</summary>
    public uint BadCluster => EndOfChain - 8;

    /// <summary>The entry of a cluster; without the four reserved bits of FAT32.</summary>
    public uint this[uint cluster] => Decode(cluster, Bytes(cluster, out _));

    /// <summary>Flags of FAT[1], as they are told to the user; FAT12 has none.</summary>
    public FatVolumeState State
    {
        get
        {
            uint flags = this[1];
            (uint clean, uint noErrors) = boot.Type switch
            {
                FatType.Fat16 => (0x8000u, 0x4000u),
                FatType.Fat32 => (0x0800_0000u, 0x0400_0000u),
                _ => (0u, 0u),
            };
            bool dirty = (flags & clean) != clean || (boot.DirtyBits & 1) != 0;
            bool errors = (flags & noErrors) != noErrors || (boot.DirtyBits & 2) != 0;
            return (dirty ? FatVolumeState.NotDismounted : 0) | (errors ? FatVolumeState.HardErrors : 0);
        }
    }

    /// <summary>The chain that starts at <paramref name="first"/>, to its end; empty for 0.</summary>
    /// <exception cref="DiskFormatException"><c>FatChainDamaged</c>: it leaves the volume, runs into free or bad clusters, or in a circle.</exception>
    public List<FatRun> ReadChain(uint first, string structure)
    {
        List<FatRun> runs = [];
        if (first == 0)
        {
            return runs;
        }

        // Brent: a circle is found after at most three times its length, so memory stays in proportion to what is on the disk.
        uint cluster = first, landmark = 0;
        long steps = 0, limit = 1;
        while (true)
        {
            CheckCluster(cluster, structure);
            if (cluster == landmark)
            {
                throw Damaged(structure, cluster, "a chain that ends", "a circle");
            }

            if (++steps == limit)
            {
                landmark = cluster;
                limit = 2 * limit;
            }

            Append(runs, cluster);
            uint next = this[cluster];
            if (next > BadCluster)
            {
                return runs;
            }

            cluster = next;
        }
    }

    /// <summary>Changes an entry in every copy that is kept.</summary>
    public void Set(IWritableBlockDevice target, uint cluster, uint value)
    {
        Span<byte> entry = Bytes(cluster, out long offset);
        switch (boot.Type)
        {
            case FatType.Fat12:
                int old = Le.U16(entry, 0);
                Le.U16(entry, 0, (ushort)((cluster & 1) == 0 ? (old & 0xF000) | (int)value : (old & 0x000F) | ((int)value << 4)));
                break;
            case FatType.Fat16:
                Le.U16(entry, 0, (ushort)value);
                break;
            default:
                Le.U32(entry, 0, (Le.U32(entry, 0) & 0xF000_0000) | value);
                break;
        }

        for (int copy = 0; copy < boot.FatCount; copy++)
        {
            if (boot.Mirrored || copy == boot.ActiveFat)
            {
                target.Write(boot.FatOffset + (copy * boot.FatLength) + offset, entry);
            }
        }
    }

    /// <summary>Number of the first copy that is not like the active one; null when all are alike, or need not be.</summary>
    public int? FindDifference()
    {
        byte[] one = new byte[WindowSize];
        byte[] other = new byte[WindowSize];
        for (int copy = 0; boot.Mirrored && copy < boot.FatCount; copy++)
        {
            for (long offset = 0; copy != boot.ActiveFat && offset < boot.FatLength; offset += WindowSize)
            {
                int count = (int)Math.Min(WindowSize, boot.FatLength - offset);
                device.Read(boot.FatOffset + (boot.ActiveFat * boot.FatLength) + offset, one.AsSpan(0, count));
                device.Read(boot.FatOffset + (copy * boot.FatLength) + offset, other.AsSpan(0, count));
                if (!one.AsSpan(0, count).SequenceEqual(other.AsSpan(0, count)))
                {
                    return copy;
                }
            }
        }

        return null;
    }

    /// <summary>Offset of the entry within the table, for messages.</summary>
    public long OffsetOf(uint cluster) => cluster * (long)boot.Type / 8;

    private static void Append(List<FatRun> runs, uint cluster)
    {
        if (runs.Count > 0 && runs[^1].Cluster + runs[^1].Count == cluster)
        {
            runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
        }
        else
        {
            runs.Add(new FatRun(cluster, 1));
        }
    }

    private void CheckCluster(uint cluster, string structure)
    {
        if (cluster < 2 || cluster > LastCluster)
        {
            throw Damaged(structure, cluster, string.Create(CultureInfo.InvariantCulture, $"a cluster from 2 to {LastCluster}"),
                string.Create(CultureInfo.InvariantCulture, $"cluster {cluster}"));
        }
    }

    private DiskFormatException Damaged(string structure, uint cluster, string expected, string actual) =>
        new("FatChainDamaged", $"FAT cluster chain of {structure}", OffsetOf(cluster), expected, actual,
            "Run chkdsk on the volume in the guest.");

    private uint Decode(uint cluster, ReadOnlySpan<byte> entry) => boot.Type switch
    {
        FatType.Fat12 => (cluster & 1) == 0 ? Le.U16(entry, 0) & 0xFFFu : (uint)Le.U16(entry, 0) >> 4,
        FatType.Fat16 => Le.U16(entry, 0),
        _ => Le.U32(entry, 0) & 0x0FFF_FFFF,
    };

    private Span<byte> Bytes(uint cluster, out long offset)
    {
        offset = OffsetOf(cluster);
        long start = offset / WindowSize * WindowSize;
        if (start != _windowStart)
        {
            int count = (int)Math.Min(WindowSize, boot.FatLength - start);
            _windowStart = -1;
            device.Read(boot.FatOffset + (boot.ActiveFat * boot.FatLength) + start, _window.AsSpan(0, count));
            _windowStart = start;
        }

        return _window.AsSpan((int)(offset - start), boot.Type == FatType.Fat32 ? 4 : 2);
    }
}
