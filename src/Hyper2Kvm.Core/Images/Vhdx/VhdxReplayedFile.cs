using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Vhdx;

/// <summary>A VHDX file as it is once its log is replayed; without a log the file as it is. The file itself is only read.</summary>
internal sealed class VhdxReplayedFile(FileBlockDevice file, ulong lastFileOffset = 0) : IBlockDevice
{
    /// <summary>128 TiB: twice the largest disk, far from where offsets overflow.</summary>
    public const ulong MaxLength = 1UL << 47;

    private const int Sector = 4096;

    private readonly Dictionary<long, byte[]> _sectors = [];
    private List<BlockRange> _zeros = [];

    /// <summary>The log held changes, so the file alone is not what it has to be.</summary>
    public bool IsReplayed { get; private set; }

    /// <summary>As the log extends the file: what is not there is zero.</summary>
    public long Length { get; } = (long)Math.Max((ulong)file.Length, Math.Min(lastFileOffset, MaxLength));

    public int SectorSize => file.SectorSize;

    public void Read(long offset, Span<byte> buffer)
    {
        if (!IsReplayed)
        {
            file.Read(offset, buffer);
            return;
        }

        int held = (int)Math.Clamp(file.Length - offset, 0, buffer.Length);
        if (held > 0)
        {
            file.Read(offset, buffer[..held]);
        }

        buffer[held..].Clear();
        ClearZeros(offset, buffer);
        for (long sector = offset / Sector; sector * Sector < offset + buffer.Length; sector++)
        {
            if (_sectors.TryGetValue(sector, out byte[]? bytes))
            {
                long start = Math.Max(offset, sector * Sector);
                long end = Math.Min(offset + buffer.Length, (sector + 1) * Sector);
                bytes.AsSpan((int)(start % Sector), (int)(end - start)).CopyTo(buffer[(int)(start - offset)..]);
            }
        }
    }

    /// <summary>Replays a data descriptor.</summary>
    /// <param name="offset">Of a sector of 4096 bytes in the file.</param>
    /// <param name="bytes">The sector.</param>
    internal void Put(long offset, byte[] bytes) => _sectors[offset / Sector] = bytes;

    /// <summary>Replays a zero descriptor.</summary>
    internal void Zero(long offset, long length)
    {
        List<long> hidden = [];
        foreach (long sector in _sectors.Keys)
        {
            if (sector * Sector >= offset && sector * Sector < offset + length)
            {
                hidden.Add(sector);
            }
        }

        hidden.ForEach(sector => _sectors.Remove(sector));
        _zeros.Add(new BlockRange(offset, length));
    }

    /// <summary>After the last descriptor: makes the ranges of zeros ordered and disjoint.</summary>
    internal void Complete()
    {
        _zeros.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        List<BlockRange> merged = [];
        foreach (BlockRange range in _zeros)
        {
            if (merged.Count > 0 && range.Offset <= merged[^1].End)
            {
                merged[^1] = merged[^1] with { Length = Math.Max(merged[^1].End, range.End) - merged[^1].Offset };
            }
            else
            {
                merged.Add(range);
            }
        }

        _zeros = merged;
        IsReplayed = true;
    }

    private void ClearZeros(long offset, Span<byte> buffer)
    {
        int low = 0;
        int high = _zeros.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_zeros[middle].End <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (; low < _zeros.Count && _zeros[low].Offset < offset + buffer.Length; low++)
        {
            long start = Math.Max(_zeros[low].Offset, offset);
            long end = Math.Min(_zeros[low].End, offset + buffer.Length);
            buffer[(int)(start - offset)..(int)(end - offset)].Clear();
        }
    }
}
