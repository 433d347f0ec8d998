using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Compares two disks byte by byte, on all cores; what neither holds is not read.</summary>
internal static class ImageComparer
{
    /// <param name="source">The disk as it has to be.</param>
    /// <param name="leftOut">What of it has to be zero in the other.</param>
    /// <param name="target">The other; where it is longer, it has to be zero.</param>
    /// <param name="progress">Told how many bytes of how many are done, on the caller's thread.</param>
    /// <param name="token">Stops.</param>
    /// <exception cref="DiskFormatException"><c>ConvertedImageDiffers</c></exception>
    public static void Compare(
        DiskImage source, IEnumerable<BlockRange> leftOut, DiskImage target, Action<long, long> progress, CancellationToken token)
    {
        const int ChunkSize = ConversionSettings.MinChunk;
        long total = ChunkPlanner.CountHeld(source, leftOut, token);
        using ChunkPlanner left = new(source, leftOut, ChunkSize);
        using ChunkPlanner right = new(target, [], ChunkSize);
        using ChunkPump pump = new(ChunkPump.DefaultWorkers, () => new CompareSink(target.Path, ChunkSize), done => progress(done, total), token);
        Chunk? one = left.Next();
        Chunk? other = right.Next();
        while (one is not null || other is not null)
        {
            long offset = Math.Min(one?.Offset ?? long.MaxValue, other?.Offset ?? long.MaxValue);
            Chunk chunk = one?.Offset == offset ? one : new Chunk(offset, other!.Length);
            chunk.Twin = other?.Offset == offset ? other : new Chunk(offset, chunk.Length);
            one = one?.Offset == offset ? left.Next() : one;
            other = other?.Offset == offset ? right.Next() : other;
            pump.Add(chunk);
        }

        pump.Drain();
    }
}
