using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>$Bitmap: one bit for each cluster. Bits behind the last cluster are never touched.</summary>
/// <remarks>What an operation frees can be taken again only after it, so that dropping it leaves every cluster as it was.</remarks>
internal sealed class ClusterBitmap
{
    private const int ChunkBytes = 64 * 1024;
    private const int MaxCandidates = 64 * 1024;
    private const long MaxReserveBytes = 64 << 20;
    private const long CountAheadBytes = 256 << 20;

    private readonly WriteContext _context;
    private readonly AttributeData _data;
    private readonly IBlockDevice _stream;
    private readonly long _count;
    private readonly List<DataRun> _pending = [];
    private long _knownFree;
    private long _next;

    public ClusterBitmap(WriteContext context)
    {
        _context = context;
        NtfsFile file = context.Volume.Load(new FileReference(FileReference.BitmapNumber, 0));
        _data = file.Require(AttributeType.Data, "");
        _stream = file.OpenStream(_data);
        _count = context.Volume.Boot.ClusterCount;
        if (_data.Resident is not null || _stream.Length < (_count + 7) / 8)
        {
            throw Damaged(0, $"a non-resident bitmap of {_count} bits", $"{_stream.Length} bytes");
        }
    }

    /// <summary>Kept free, so that Windows has room for its own files at the first boot.</summary>
    public long Reserve => Math.Min(MaxReserveBytes / _context.ClusterSize, _count / 100);

    /// <summary>Takes clusters, in one piece where there is one, after <paramref name="hint"/> where that is free.</summary>
    /// <returns>Runs with VCNs from <paramref name="firstVcn"/> on.</returns>
    /// <exception cref="GuestStateException"><c>GuestVolumeFull</c>.</exception>
    public List<DataRun> Allocate(long count, long hint, long firstVcn)
    {
        RequireFree(count);
        List<DataRun> runs = [];
        long vcn = firstVcn;
        foreach (DataRun found in Choose(count, hint))
        {
            SetBits(found.Lcn, found.Count, set: true);
            DataRuns.Append(runs, found with { Vcn = vcn });
            vcn += found.Count;
            _next = found.Lcn + found.Count;
        }

        _knownFree -= count;
        return runs;
    }

    /// <summary>Frees clusters once the operation is done.</summary>
    public void Free(DataRun run)
    {
        if (!run.IsSparse)
        {
            _pending.Add(run);
        }
    }

    public void ReleasePending()
    {
        foreach (DataRun run in _pending)
        {
            SetBits(run.Lcn, run.Count, set: false);
        }

        _pending.Clear();
    }

    public void ForgetPending() => _pending.Clear();

    /// <summary>Counts free clusters, but no more than a good many: a large volume's bitmap is read again only when they are used up.</summary>
    private void RequireFree(long count)
    {
        long wanted = count + Reserve;
        if (_knownFree >= wanted)
        {
            return;
        }

        long free = 0;
        foreach (DataRun run in FreeClusters.Runs(_stream, 0, _count))
        {
            free += run.Count;
            if (free >= wanted + (CountAheadBytes / _context.ClusterSize))
            {
                break;
            }
        }

        _knownFree = free;
        if (free >= wanted)
        {
            return;
        }

        string label = _context.Volume.Label;
        long size = _context.ClusterSize;
        throw new GuestStateException(
            "GuestVolumeFull",
            label,
            string.Create(
                CultureInfo.InvariantCulture,
                $"There is no room on the NTFS volume '{label}': {count * size} bytes are needed and {Reserve * size} kept in reserve, {free * size} are free."),
            "Free space in the guest or enlarge the volume, then try again.");
    }

    private List<DataRun> Choose(long count, long hint)
    {
        long start = hint > 0 && hint < _count ? hint : _next > 0 && _next < _count ? _next : DefaultStart();
        PriorityQueue<DataRun, long> largest = new();
        foreach ((long from, long to) in (ReadOnlySpan<(long, long)>)[(start, _count), (0, start)])
        {
            foreach (DataRun run in FreeClusters.Runs(_stream, from, to))
            {
                if (run.Count >= count)
                {
                    return [run with { Count = count }];
                }

                largest.Enqueue(run, run.Count);
                if (largest.Count > MaxCandidates)
                {
                    largest.Dequeue();
                }
            }
        }

        return TakeLargest(largest, count);
    }

    private List<DataRun> TakeLargest(PriorityQueue<DataRun, long> candidates, long count)
    {
        List<DataRun> sorted = [];
        while (candidates.TryDequeue(out DataRun run, out _))
        {
            sorted.Add(run);
        }

        List<DataRun> taken = [];
        for (int i = sorted.Count - 1; i >= 0 && count > 0; i--)
        {
            taken.Add(sorted[i] with { Count = Math.Min(sorted[i].Count, count) });
            count -= taken[^1].Count;
        }

        if (count > 0)
        {
            throw new UnsupportedFeatureException(
                "NtfsFreeSpaceFragmented", "a file of more than 65536 pieces", $"NTFS volume '{_context.Volume.Label}'", "Defragment the volume in the guest.");
        }

        taken.Sort((left, right) => left.Lcn.CompareTo(right.Lcn));
        return taken;
    }

    /// <summary>Behind the part that NTFS keeps free for $MFT.</summary>
    private long DefaultStart() => Math.Min(_context.Volume.Boot.MftLcn + (_count / 8), _count - 1);

    private void SetBits(long lcn, long count, bool set)
    {
        long end = lcn + count;
        while (lcn < end)
        {
            long first = lcn / 8;
            byte[] bytes = new byte[(int)Math.Min(ChunkBytes, ((end + 7) / 8) - first)];
            _stream.Read(first, bytes);
            long stop = Math.Min(end, (first + bytes.Length) * 8);
            for (; lcn < stop; lcn++)
            {
                int mask = 1 << (int)(lcn % 8);
                int index = (int)((lcn / 8) - first);
                if (((bytes[index] & mask) != 0) == set)
                {
                    throw Damaged(lcn, set ? "a free cluster" : "a cluster in use", set ? "one in use" : "a free one");
                }

                bytes[index] ^= (byte)mask;
            }

            _context.WriteStream(_data, first, bytes);
        }
    }

    private static DiskFormatException Damaged(long lcn, string expected, string actual) =>
        new("NtfsBitmapDamaged", "NTFS $Bitmap", lcn, expected, actual, "Run chkdsk in the guest before migrating it.");
}
