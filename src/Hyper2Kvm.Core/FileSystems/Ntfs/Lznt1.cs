using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// [MS-XCA] 2.5 LZNT1. Chunks of up to 4096 bytes: header word: bits 0-11 size - 1, bits 12-14 signature 3, bit 15 compressed; 0 ends.
// In a compressed chunk a flag byte rules the next eight elements: 0 a literal, 1 a word of displacement and length, whose split moves
// with the position in the chunk.

/// <summary>Decompression of NTFS file compression.</summary>
internal static class Lznt1
{
    private const int ChunkSize = 4096;
    private const string ErrorId = "NtfsCompressedDataDamaged";

    /// <summary>Fills <paramref name="target"/>; what the source does not reach is zero.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsCompressedDataDamaged</c>.</exception>
    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int at = 0;
        int written = 0;
        while (written < target.Length && at + 2 <= source.Length)
        {
            ushort header = Le.U16(source, at);
            if (header == 0)
            {
                break;
            }

            int size = (header & 0x0FFF) + 1;
            at += 2;
            Require(size <= source.Length - at, at, "a chunk within the compression unit", size);
            Span<byte> chunk = target.Slice(written, Math.Min(ChunkSize, target.Length - written));
            if ((header & 0x8000) != 0)
            {
                DecompressChunk(source.Slice(at, size), chunk);
            }
            else
            {
                Require(size <= chunk.Length, at, "a stored chunk of at most 4096 bytes", size);
                source.Slice(at, size).CopyTo(chunk);
                chunk[size..].Clear();
            }

            at += size;
            written += chunk.Length;
        }

        target[written..].Clear();
    }

    private static void DecompressChunk(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int at = 0;
        int written = 0;
        while (at < source.Length)
        {
            int flags = source[at++];
            for (int bit = 0; bit < 8 && at < source.Length; bit++, flags >>= 1)
            {
                if ((flags & 1) == 0)
                {
                    Require(written < target.Length, at, "a chunk that unpacks to at most 4096 bytes", written);
                    target[written++] = source[at++];
                    continue;
                }

                Require(at + 2 <= source.Length && written > 0, at, "a whole back reference", written);
                int lengthBits = 12;
                for (int position = written - 1; position >= 0x10; position >>= 1)
                {
                    lengthBits--;
                }

                int word = Le.U16(source, at);
                int displacement = (word >> lengthBits) + 1;
                int length = (word & ((1 << lengthBits) - 1)) + 3;
                Require(displacement <= written && length <= target.Length - written, at, "a back reference within the chunk", displacement);
                for (int i = 0; i < length; i++, written++)
                {
                    target[written] = target[written - displacement];
                }

                at += 2;
            }
        }

        target[written..].Clear();
    }

    private static void Require(bool holds, int offset, string expected, int actual)
    {
        if (!holds)
        {
            throw new DiskFormatException(
                ErrorId, "LZNT1 data", offset, expected, string.Create(CultureInfo.InvariantCulture, $"{actual}"));
        }
    }
}
