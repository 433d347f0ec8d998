using ZstdSharp;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Compresses clusters to one zstd frame each.</summary>
internal sealed class ZstdPacker : IClusterPacker
{
    private const int Level = 1;

    private readonly Compressor _compressor = new(Level);

    public int Pack(ReadOnlySpan<byte> cluster, Span<byte> target) =>
        _compressor.TryWrap(cluster, target, out int length) ? length : 0;

    public void Dispose() => _compressor.Dispose();
}
