using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A bitmap on the disk, read in pages as bits of it are asked for.</summary>
internal sealed class NtfsCheckerBits(IBlockDevice stream)
{
    private const int PageSize = 16 * 1024;

    private readonly byte[] _page = new byte[PageSize];
    private long _start = -1;

    public long Count => stream.Length * 8;

    /// <summary>Bits behind the end are clear.</summary>
    public bool this[long bit]
    {
        get
        {
            long offset = bit / 8;
            if (offset >= stream.Length)
            {
                return false;
            }

            long start = offset / PageSize * PageSize;
            if (start != _start)
            {
                _start = -1;
                stream.Read(start, _page.AsSpan(0, (int)Math.Min(PageSize, stream.Length - start)));
                _start = start;
            }

            return (_page[offset - start] & (1 << (int)(bit % 8))) != 0;
        }
    }

    /// <summary>The first clear bit of a range, or -1.</summary>
    public long FindClear(long first, long count)
    {
        for (long bit = first; bit < first + count; bit++)
        {
            bool whole = bit % 8 == 0 && bit + 8 <= first + count && this[bit] && _page[(bit / 8) - _start] == 0xFF;
            if (whole)
            {
                bit += 7;
            }
            else if (!this[bit])
            {
                return bit;
            }
        }

        return -1;
    }
}
