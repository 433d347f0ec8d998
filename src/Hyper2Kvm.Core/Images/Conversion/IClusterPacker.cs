namespace Hyper2Kvm.Images.Conversion;

/// <summary>Compresses clusters one by one. Not safe for several threads: each worker has its own.</summary>
internal interface IClusterPacker : IDisposable
{
    /// <param name="cluster">The bytes.</param>
    /// <param name="target">Room for the compressed ones.</param>
    /// <returns>How many there are; 0 when they do not fit.</returns>
    int Pack(ReadOnlySpan<byte> cluster, Span<byte> target);
}
