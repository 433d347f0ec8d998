using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Walks over the maps of an image and those beneath it, and finds the stretches that hold anything. One thread at a time.</summary>
internal sealed class ChunkPlanner : IDisposable
{
    private readonly DiskImage _image;
    private readonly int _chunkSize;
    private readonly IEnumerator<BlockRange> _leftOut;
    private bool _hasLeftOut;
    private DiskRun _run;
    private long _runStart;
    private long _offset;

    /// <param name="image">The disk.</param>
    /// <param name="leftOut">What counts as zero whatever the image holds there; in order, disjoint.</param>
    /// <param name="chunkSize">Bytes per chunk, a power of two.</param>
    /// <param name="start">Where to begin: a multiple of <paramref name="chunkSize"/>.</param>
    public ChunkPlanner(DiskImage image, IEnumerable<BlockRange> leftOut, int chunkSize, long start = 0)
    {
        _image = image;
        _chunkSize = chunkSize;
        _offset = start;
        _leftOut = leftOut.GetEnumerator();
        _hasLeftOut = _leftOut.MoveNext();
    }

    /// <summary>Bytes that are somewhere in a file, from the start to the end of the disk.</summary>
    public static long CountHeld(DiskImage image, IEnumerable<BlockRange> leftOut, CancellationToken token)
    {
        using ChunkPlanner planner = new(image, leftOut, 1);
        long held = 0;
        for (long offset = 0; offset < image.Length;)
        {
            token.ThrowIfCancellationRequested();
            DiskRun run = planner.At(offset, image.Length - offset);
            held += run.Holder is null ? 0 : run.Length;
            offset += run.Length;
        }

        return held;
    }

    /// <summary>The next chunk that is not all zero, or null at the end of the disk.</summary>
    public Chunk? Next()
    {
        while (_offset < _image.Length)
        {
            long start = _offset;
            long end = Math.Min(start + _chunkSize, _image.Length);
            Chunk chunk = new(start, (int)(end - start));
            while (_offset < end)
            {
                DiskRun run = At(_offset, long.MaxValue);
                if (run.Holder is null)
                {
                    _offset += run.Length;
                    continue;
                }

                run = Part(run, 0, Math.Min(run.Length, end - _offset));
                chunk.Add((int)(_offset - start), run);
                _offset += run.Length;
            }

            if (chunk.Held > 0)
            {
                _offset = end;
                return chunk;
            }

            _offset = _offset / _chunkSize * _chunkSize;
            if (_offset < end)
            {
                _offset = end;
            }
        }

        return null;
    }

    public void Dispose() => _leftOut.Dispose();

    /// <summary>What is at a place, for at most <paramref name="length"/> bytes; places ascend.</summary>
    private DiskRun At(long offset, long length)
    {
        while (_hasLeftOut && _leftOut.Current.End <= offset)
        {
            _hasLeftOut = _leftOut.MoveNext();
        }

        if (_hasLeftOut && _leftOut.Current.Offset <= offset)
        {
            return DiskRun.Zeros(Math.Min(length, Math.Min(_leftOut.Current.End, _image.Length) - offset));
        }

        if (offset < _runStart || offset >= _runStart + _run.Length)
        {
            _run = _image.Locate(offset, _image.Length - offset);
            _runStart = offset;
        }

        long limit = _hasLeftOut ? Math.Min(length, _leftOut.Current.Offset - offset) : length;
        return Part(_run, offset - _runStart, Math.Min(limit, _run.Length - (offset - _runStart)));
    }

    private static DiskRun Part(DiskRun run, long skip, long length)
    {
        MappedRun part = run.Run with { Length = length };
        return run with
        {
            Run = part.Kind == MappedRunKind.Data ? part with { FileOffset = part.FileOffset + skip } : part,
            Offset = run.Offset + skip,
        };
    }
}
