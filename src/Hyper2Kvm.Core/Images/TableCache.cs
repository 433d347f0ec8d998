using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images;

/// <summary>Reads entries of an image's tables (L1 and L2, grain directory and grain tables) in pages, of which at most 16 MiB stay
/// in memory: opening or sampling a disk of many TiB touches only the tables it needs.</summary>
/// <param name="file">The image file.</param>
/// <param name="errorId">Id of the error when a table lies beyond the end of the file.</param>
/// <param name="structure">What the tables are called, for the message.</param>
internal sealed class TableCache(IBlockDevice file, string errorId, string structure)
{
    private const int PageSize = 64 * 1024;
    private const int MaxPages = 256;

    private readonly LruCache _pages = new(MaxPages);
    private long _lastKey = -1;
    private byte[] _lastPage = [];

    /// <summary>Room for the next page: walking over a table of many MiB must not leave that much behind for the garbage collector.</summary>
    private byte[]? _freed;

    /// <summary>The entry at <paramref name="offset"/>, which is aligned to its <paramref name="length"/> (a power of two).</summary>
    /// <exception cref="DiskFormatException">The entry lies beyond the end of the file.</exception>
    public ReadOnlySpan<byte> Entry(long offset, int length)
    {
        if (offset < 0 || offset > file.Length - length)
        {
            throw new DiskFormatException(
                errorId, structure, offset, $"a table within the {file.Length} bytes of the file", "the end of the file", ImageRemedy.Truncated);
        }

        long key = offset / PageSize;
        if (key != _lastKey)
        {
            _lastPage = Page(key);
            _lastKey = key;
        }

        return _lastPage.AsSpan((int)(offset % PageSize), length);
    }

    private byte[] Page(long key)
    {
        if (!_pages.TryGet(key, out byte[]? page))
        {
            long start = key * PageSize;
            int length = (int)Math.Min(PageSize, file.Length - start);
            page = _freed?.Length == length ? _freed : new byte[length];
            file.Read(start, page);
            _freed = _pages.Add(key, page);
        }

        return page;
    }
}
