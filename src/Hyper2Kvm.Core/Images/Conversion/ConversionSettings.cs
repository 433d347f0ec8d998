using System.Numerics;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>What a converted image is to be.</summary>
/// <param name="Format"><see cref="ImageFormat.Raw"/> or <see cref="ImageFormat.Qcow2"/>.</param>
/// <param name="Compression">Of a QCOW2 file.</param>
/// <param name="ClusterSize">Of a QCOW2 file, in bytes: a power of two from 512 to 2 MiB.</param>
public sealed record ConversionSettings(ImageFormat Format, ImageCompression Compression = ImageCompression.None, int ClusterSize = 65536)
{
    internal const int MinChunk = 1024 * 1024;

    /// <summary>Disk bytes between two states that are kept for going on after an interruption.</summary>
    internal long KeepEvery { get; init; } = 2L << 30;

    internal int ClusterBits => BitOperations.Log2((uint)ClusterSize);

    internal int ChunkSize => Math.Max(MinChunk, ClusterSize);
}
