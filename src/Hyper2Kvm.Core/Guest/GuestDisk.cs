using Hyper2Kvm.Blocks;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>A disk seen as its partitions and volumes. Holds no handle: it lives as long as the device beneath.</summary>
internal sealed class GuestDisk
{
    private GuestDisk(PartitionTable table, IReadOnlyList<GuestVolume> volumes)
    {
        Table = table;
        Volumes = volumes;
    }

    public PartitionTable Table { get; }

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<GuestVolume> Volumes { get; }

    public static GuestDisk Open(IBlockDevice device)
    {
        PartitionTable table = PartitionTable.Read(device);
        return new GuestDisk(
            table,
            [.. table.Entries.Where(entry => !entry.IsExtended).Select(entry => new GuestVolume(entry, new BlockSlice(device, entry.Range)))]);
    }
}
