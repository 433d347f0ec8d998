using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

// Microsoft FAT specification, section 5: FSInfo sector of FAT32.
//
//   0x000 4  FSI_LeadSig "RRaA"     0x1E8 4  FSI_Free_Count, FFFFFFFF unknown
//   0x1E4 4  FSI_StrucSig "rrAa"    0x1EC 4  FSI_Nxt_Free, FFFFFFFF unknown

/// <summary>Takes and frees clusters, and keeps the counts of FSInfo true.</summary>
internal sealed class FatAllocator
{
    private const int InfoSize = 512;
    private const uint Unknown = 0xFFFF_FFFF;

    private readonly IWritableBlockDevice _device;
    private readonly FatBootSector _boot;
    private readonly FatTable _table;
    private readonly byte[]? _info;
    private uint _next;
    private bool _isChanged;

    public FatAllocator(IWritableBlockDevice device, FatBootSector boot, FatTable table)
    {
        _device = device;
        _boot = boot;
        _table = table;
        _info = ReadInfo(device, boot);
        uint hint = _info is null ? Unknown : Le.U32(_info, 0x1EC);
        _next = hint >= 2 && hint <= table.LastCluster ? hint : 2;
    }

    /// <summary>The FSInfo sector, or null when there is none with its signatures.</summary>
    public static byte[]? ReadInfo(IBlockDevice device, FatBootSector boot)
    {
        if (boot.FsInfoOffset == 0)
        {
            return null;
        }

        byte[] info = new byte[InfoSize];
        device.Read(boot.FsInfoOffset, info);
        return Le.U32(info, 0) == 0x4161_5252 && Le.U32(info, 0x1E4) == 0x6141_7272 ? info : null;
    }

    /// <summary>FSI_Free_Count, or null when it is unknown.</summary>
    public static uint? FreeCount(ReadOnlySpan<byte> info) => Le.U32(info, 0x1E8) is var count && count != Unknown ? count : null;

    /// <exception cref="GuestStateException"><c>GuestVolumeFull</c>.</exception>
    public void RequireFree(long count)
    {
        long found = 0;
        for (uint cluster = 2; cluster <= _table.LastCluster && found < count; cluster++)
        {
            found += _table[cluster] == FatTable.Free ? 1 : 0;
        }

        if (found < count)
        {
            throw new GuestStateException(
                "GuestVolumeFull",
                "FAT volume",
                string.Create(CultureInfo.InvariantCulture, $"The FAT volume has {found} free clusters of {_boot.ClusterSize} bytes, {count} are needed."),
                "Free some space on the volume in the guest.");
        }
    }

    /// <summary>Takes clusters, for which there must be room, and hangs them behind <paramref name="previous"/> (0: a new chain).</summary>
    /// <returns>The first one; 0 when none are wanted.</returns>
    public uint Append(uint previous, long count)
    {
        uint first = 0;
        for (long i = 0; i < count; i++)
        {
            uint cluster = FindFree();
            _table.Set(_device, cluster, _table.EndOfChain);
            if (previous != 0)
            {
                _table.Set(_device, previous, cluster);
            }

            first = first == 0 ? cluster : first;
            previous = cluster;
        }

        Count(-count);
        return first;
    }

    /// <summary>Frees the clusters of a chain behind the first <paramref name="kept"/>.</summary>
    public void Cut(List<FatRun> chain, long kept)
    {
        long index = 0;
        uint last = 0;
        long freed = 0;
        foreach (FatRun run in chain)
        {
            for (uint i = 0; i < run.Count; i++, index++)
            {
                uint cluster = run.Cluster + i;
                if (index < kept)
                {
                    last = cluster;
                    continue;
                }

                _table.Set(_device, cluster, FatTable.Free);
                freed++;
            }
        }

        if (last != 0 && freed > 0)
        {
            _table.Set(_device, last, _table.EndOfChain);
        }

        Count(freed);
    }

    /// <summary>Writes the FSInfo sector where it is not true any more.</summary>
    public void Flush()
    {
        if (_info is not null && _isChanged)
        {
            Le.U32(_info, 0x1EC, _next);
            _device.Write(_boot.FsInfoOffset, _info);
            _isChanged = false;
        }
    }

    private uint FindFree()
    {
        for (uint i = 0; i < _boot.ClusterCount; i++)
        {
            uint cluster = _next;
            _next = _next == _table.LastCluster ? 2 : _next + 1;
            if (_table[cluster] == FatTable.Free)
            {
                return cluster;
            }
        }

        throw new InvalidOperationException("RequireFree was not called before clusters were taken.");
    }

    private void Count(long change)
    {
        _isChanged |= change != 0;
        if (_info is not null && FreeCount(_info) is { } free)
        {
            long now = free + change;
            Le.U32(_info, 0x1E8, now >= 0 && now <= _boot.ClusterCount ? (uint)now : Unknown);
        }
    }
}
