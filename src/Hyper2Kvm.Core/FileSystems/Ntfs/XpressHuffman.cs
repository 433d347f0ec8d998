using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// [MS-XCA] 2.2 LZ77+Huffman: 256 bytes with the code lengths of 512 symbols, 4 bits each; then codes in 16-bit words, highest bit first.
// Symbols below 256 are literals; above: bits 0-3 length - 3 (15: more bytes follow), bits 4-7 bits of the distance.

/// <summary>Decompression of XPRESS with Huffman codes, as CompactOS uses it for one chunk.</summary>
internal ref struct XpressHuffman
{
    private const int SymbolCount = 512;
    private const int TableSize = SymbolCount / 2;
    private const int MaxBits = 15;

    private readonly ReadOnlySpan<byte> _source;
    private int _at = TableSize;
    private uint _bits;
    private int _extra = 16;

    private XpressHuffman(ReadOnlySpan<byte> source) => _source = source;

    /// <summary>Fills <paramref name="target"/> wholly.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsCompressedDataDamaged</c>.</exception>
    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        Require(source.Length >= TableSize + 4, source.Length, "a Huffman table and codes");
        ushort[] symbols = BuildTable(source);
        XpressHuffman decoder = new(source);
        decoder._bits = ((uint)decoder.NextWord() << 16) | decoder.NextWord();
        int written = 0;
        while (written < target.Length)
        {
            ushort entry = symbols[decoder._bits >> (32 - MaxBits)];
            Require(entry != 0, decoder._at, "a code of the table");
            decoder.Skip(entry & 0x0F);
            int symbol = entry >> 4;
            if (symbol < 256)
            {
                target[written++] = (byte)symbol;
                continue;
            }

            int length = decoder.ReadLength(symbol & 0x0F);
            int distanceBits = (symbol >> 4) & 0x0F;
            int distance = 1 << distanceBits;
            if (distanceBits > 0)
            {
                distance += (int)(decoder._bits >> (32 - distanceBits));
                decoder.Skip(distanceBits);
            }

            Require(distance <= written && length <= target.Length - written, decoder._at, "a match within the chunk");
            for (int i = 0; i < length; i++, written++)
            {
                target[written] = target[written - distance];
            }
        }
    }

    /// <summary>For each 15 bits that may come next: symbol and length of the code they begin with; 0 where there is none.</summary>
    private static ushort[] BuildTable(ReadOnlySpan<byte> source)
    {
        ushort[] symbols = new ushort[1 << MaxBits];
        int next = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            for (int symbol = 0; symbol < SymbolCount; symbol++)
            {
                if (((source[symbol / 2] >> (symbol % 2 * 4)) & 0x0F) != length)
                {
                    continue;
                }

                int count = 1 << (MaxBits - length);
                Require(count <= symbols.Length - next, symbol, "code lengths of a Huffman code");
                symbols.AsSpan(next, count).Fill((ushort)((symbol << 4) | length));
                next += count;
            }
        }

        return symbols;
    }

    private int ReadLength(int length)
    {
        if (length == 15)
        {
            int more = NextByte();
            if (more == 255)
            {
                more = NextWord() - 15;
                Require(more >= 0, _at, "a match length");
            }

            length += more;
        }

        return length + 3;
    }

    private void Skip(int count)
    {
        _bits <<= count;
        _extra -= count;
        if (_extra < 0)
        {
            _bits |= (uint)NextWord() << -_extra;
            _extra += 16;
        }
    }

    private byte NextByte()
    {
        Require(_at < _source.Length, _at, "more data");
        return _source[_at++];
    }

    /// <summary>The decoder reads one word ahead, so 0 stands for what lies behind the end.</summary>
    private ushort NextWord()
    {
        Require(_at <= _source.Length + 4, _at, "more data");
        ushort word = _at + 2 <= _source.Length ? Le.U16(_source, _at) : (ushort)0;
        _at += 2;
        return word;
    }

    private static void Require(bool holds, int offset, string expected)
    {
        if (!holds)
        {
            throw new DiskFormatException(
                "NtfsCompressedDataDamaged", "XPRESS data", offset, expected, string.Create(CultureInfo.InvariantCulture, $"something else at +{offset}"));
        }
    }
}
