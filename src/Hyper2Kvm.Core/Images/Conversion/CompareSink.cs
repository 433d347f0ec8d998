using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Compares chunks with their twins.</summary>
internal sealed class CompareSink(string target, int chunkSize) : IChunkSink
{
    private readonly byte[] _expected = new byte[chunkSize];
    private readonly byte[] _found = new byte[chunkSize];

    public void Take(Chunk chunk, long ticket, Turnstile turnstile)
    {
        chunk.Read(_expected);
        chunk.Twin!.Read(_found);
        int same = _expected.AsSpan().CommonPrefixLength(_found);
        if (same < chunkSize)
        {
            throw new DiskFormatException(
                "ConvertedImageDiffers", $"disk in '{target}'", chunk.Offset + same, $"0x{_expected[same]:X2} as in the source",
                $"0x{_found[same]:X2}", "Check the host's memory and disks, then convert it again; the source was not changed.");
        }
    }
}
