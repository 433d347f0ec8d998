using System.Numerics;

namespace Hyper2Kvm.Images.Conversion;

// RFC 1951. A block is made of tokens: literal bytes and matches (length 3 to 258, distance); each block has Huffman codes of its own,
// or is stored as it is.

/// <summary>Compresses clusters to one raw deflate stream each, with distances up to 4096: QEMU reads no others (docs/interop/qcow2.txt
/// says deflate; block/qcow2-threads.c inflates with a window of 12 bits). .NET's DeflateStream always goes back 32768 bytes.</summary>
internal sealed class DeflatePacker : IClusterPacker
{
    private const int TokensPerBlock = 32 * 1024;
    private const int EndOfBlock = 256;
    private const int FirstLengthCode = 257;
    private const int MaxStored = 65535;

    /// <summary>From this length on it is not tried whether a match that begins one byte later is longer.</summary>
    private const int LongEnough = 24;

    /// <summary>Of longer matches not every place is remembered.</summary>
    private const int MaxInserted = 48;

    private static readonly byte[] s_lengthCodes = new byte[256];
    private static readonly int[] s_lengthBases = new int[29];
    private static readonly byte[] s_lengthExtras = new byte[29];
    private static readonly byte[] s_order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly MatchFinder _matches = new();

    /// <summary>Literal: byte in bits 16 to 23, low 16 bits 0. Match: length - 3 there, the distance in the low bits.</summary>
    private readonly int[] _tokens = new int[TokensPerBlock];

    private readonly HuffmanCode _literals = new(286, 15);
    private readonly HuffmanCode _distances = new(30, 15);
    private readonly HuffmanCode _lengths = new(19, 7);
    private readonly byte[] _runs = new byte[286 + 30];
    private readonly byte[] _runExtras = new byte[286 + 30];
    private int _count;

    static DeflatePacker()
    {
        int length = 0;
        for (int code = 0; code < 28; code++)
        {
            int extra = code < 8 ? 0 : (code / 4) - 1;
            s_lengthBases[code] = length;
            s_lengthExtras[code] = (byte)extra;
            for (int i = 0; i < 1 << extra && length < 256; i++)
            {
                s_lengthCodes[length++] = (byte)code;
            }
        }

        s_lengthCodes[255] = 28; // 258 has a code of its own
        s_lengthBases[28] = 255;
    }

    public int Pack(ReadOnlySpan<byte> cluster, Span<byte> target)
    {
        DeflateBits bits = new(target);
        _matches.Start(cluster.Length);
        int at = 0;
        do
        {
            int start = at;
            at = Parse(cluster, at);
            WriteBlock(ref bits, cluster[start..at], isLast: at == cluster.Length);
        }
        while (at < cluster.Length && !bits.IsFull);

        _matches.End(cluster.Length);
        int length = bits.Align();
        return bits.IsFull ? 0 : length;
    }

    public void Dispose()
    {
    }

    /// <summary>Makes the tokens of one block.</summary>
    /// <returns>Where the next block begins.</returns>
    private int Parse(ReadOnlySpan<byte> input, int at)
    {
        unchecked
        {
            _count = 0;
            _literals.Counts.AsSpan().Clear();
            _distances.Counts.AsSpan().Clear();
            int lastPlace = input.Length - MatchFinder.MinLength;
            int misses = 0;
            while (at <= lastPlace && _count < TokensPerBlock - 64)
            {
                int length = _matches.Find(input, at, MatchFinder.MinLength - 1, out int distance);
                if (distance == 0)
                {
                    // Where nothing is found for long, fewer places are looked at.
                    int skip = Math.Min(1 + (misses++ >> 6), Math.Min(32, lastPlace + 1 - at));
                    for (int end = at + skip; at < end; at++)
                    {
                        Literal(input[at]);
                    }

                    continue;
                }

                misses = 0;
                while (length < LongEnough && at < lastPlace)
                {
                    int longer = _matches.Find(input, at + 1, length, out int other);
                    if (other == 0)
                    {
                        break;
                    }

                    Literal(input[at++]);
                    length = longer;
                    distance = other;
                }

                Match(length, distance);
                int insertEnd = Math.Min(at + Math.Min(length, MaxInserted), lastPlace + 1);
                for (int place = at + 2; place < insertEnd; place++)
                {
                    _matches.Insert(input, place);
                }

                at += length;
            }

            while (at > lastPlace && at < input.Length && _count < TokensPerBlock)
            {
                Literal(input[at++]);
            }

            return at;
        }
    }

    private void Literal(byte value)
    {
        _tokens[_count++] = value << 16;
        _literals.Counts[value]++;
    }

    private void Match(int length, int distance)
    {
        _tokens[_count++] = ((length - 3) << 16) | distance;
        _literals.Counts[FirstLengthCode + s_lengthCodes[length - 3]]++;
        _distances.Counts[DistanceCode(distance, out _)]++;
    }

    /// <summary>RFC 1951, 3.2.5: two codes for each power of two.</summary>
    private static int DistanceCode(int distance, out int extra)
    {
        int rest = distance - 1;
        if (rest < 4)
        {
            extra = 0;
            return rest;
        }

        int top = BitOperations.Log2((uint)rest);
        extra = top - 1;
        return (2 * top) + ((rest >> extra) & 1);
    }

    private void WriteBlock(ref DeflateBits bits, ReadOnlySpan<byte> input, bool isLast)
    {
        _literals.Counts[EndOfBlock]++;
        _literals.Build();
        _distances.Build();
        int literals = Math.Max(_literals.UsedSymbols, FirstLengthCode);
        int distances = Math.Max(_distances.UsedSymbols, 1);
        int runs = CollectLengths(literals, distances);
        _lengths.Build();
        if (input.Length <= MaxStored && (_literals.Cost + _distances.Cost) / 8 >= input.Length)
        {
            bits.Write(isLast ? 1u : 0u, 3);
            bits.Align();
            bits.Write((uint)input.Length | ((uint)(~input.Length & 0xFFFF) << 16), 32);
            bits.Align();
            bits.Copy(input);
            return;
        }

        bits.Write((isLast ? 1u : 0u) | (2u << 1), 3);
        WriteCodes(ref bits, literals, distances, runs);
        WriteTokens(ref bits);
        bits.Write(_literals.Codes[EndOfBlock], _literals.Lengths[EndOfBlock]);
    }

    /// <summary>The code lengths of both alphabets in the run-length form of RFC 1951, 3.2.7.</summary>
    /// <returns>How many symbols that makes.</returns>
    private int CollectLengths(int literals, int distances)
    {
        Span<byte> all = stackalloc byte[286 + 30];
        _literals.Lengths.AsSpan(0, literals).CopyTo(all);
        _distances.Lengths.AsSpan(0, distances).CopyTo(all[literals..]);
        all = all[..(literals + distances)];
        _lengths.Counts.AsSpan().Clear();
        int runs = 0;
        for (int at = 0; at < all.Length;)
        {
            byte value = all[at];
            int same = 1;
            while (at + same < all.Length && all[at + same] == value)
            {
                same++;
            }

            (int symbol, int taken, int extra) =
                value == 0 && same >= 11 ? (18, Math.Min(same, 138), Math.Min(same, 138) - 11)
                : value == 0 && same >= 3 ? (17, Math.Min(same, 10), Math.Min(same, 10) - 3)
                : at > 0 && all[at - 1] == value && same >= 3 ? (16, Math.Min(same, 6), Math.Min(same, 6) - 3)
                : (value, 1, 0);
            _runs[runs] = (byte)symbol;
            _runExtras[runs++] = (byte)extra;
            _lengths.Counts[symbol]++;
            at += taken;
        }

        return runs;
    }

    private void WriteCodes(ref DeflateBits bits, int literals, int distances, int runs)
    {
        int listed = s_order.Length;
        while (listed > 4 && _lengths.Lengths[s_order[listed - 1]] == 0)
        {
            listed--;
        }

        bits.Write((uint)(literals - 257) | ((uint)(distances - 1) << 5) | ((uint)(listed - 4) << 10), 14);
        for (int i = 0; i < listed; i++)
        {
            bits.Write(_lengths.Lengths[s_order[i]], 3);
        }

        for (int i = 0; i < runs; i++)
        {
            int symbol = _runs[i];
            bits.Write(_lengths.Codes[symbol], _lengths.Lengths[symbol]);
            if (symbol >= 16)
            {
                bits.Write(_runExtras[i], symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
            }
        }
    }

    private void WriteTokens(ref DeflateBits bits)
    {
        unchecked
        {
            ReadOnlySpan<ushort> codes = _literals.Codes;
            ReadOnlySpan<byte> lengths = _literals.Lengths;
            foreach (int token in _tokens.AsSpan(0, _count))
            {
                int distance = token & 0xFFFF;
                int value = token >> 16;
                if (distance == 0)
                {
                    bits.Write(codes[value], lengths[value]);
                    continue;
                }

                int code = s_lengthCodes[value];
                int symbol = FirstLengthCode + code;
                ulong word = codes[symbol];
                int count = lengths[symbol];
                word |= (ulong)(value - s_lengthBases[code]) << count;
                count += s_lengthExtras[code];
                int distanceCode = DistanceCode(distance, out int extra);
                word |= (ulong)_distances.Codes[distanceCode] << count;
                count += _distances.Lengths[distanceCode];
                word |= (ulong)((distance - 1) & ((1 << extra) - 1)) << count;
                bits.Write(word, count + extra);
            }
        }
    }
}
