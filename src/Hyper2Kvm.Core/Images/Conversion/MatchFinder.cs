using System.Buffers.Binary;
using System.Numerics;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Finds earlier bytes that are the same, at most 4096 back: QEMU inflates clusters with a window of that size.</summary>
internal sealed class MatchFinder
{
    public const int MinLength = 4;
    public const int MaxLength = 258;

    private const int Window = 4096;
    private const int HashBits = 13;
    private const int MaxCandidates = 8;

    /// <summary>A match of this length is taken without a look at the others.</summary>
    private const int Nice = 64;

    private readonly int[] _heads = new int[1 << HashBits];
    private readonly int[] _previous = new int[Window];

    /// <summary>Place of the input's first byte in a count that goes on from input to input, so that nothing has to be cleared.</summary>
    private int _base = Window + 1;

    /// <summary>Before each input.</summary>
    /// <param name="length">Of the input.</param>
    public void Start(int length)
    {
        if (_base > int.MaxValue - (4 * length) - (4 * Window))
        {
            _heads.AsSpan().Clear();
            _base = Window + 1;
        }
    }

    /// <summary>After each input.</summary>
    public void End(int length) => _base += length + Window + 1;

    /// <summary>Looks for the longest match at a place, and remembers the place.</summary>
    /// <param name="input">All of it, with at least <see cref="MinLength"/> bytes from <paramref name="at"/> on.</param>
    /// <param name="at">The place.</param>
    /// <param name="best">Only longer ones count.</param>
    /// <param name="distance">How far back it is.</param>
    /// <returns>Its length, or <paramref name="best"/>.</returns>
    public int Find(ReadOnlySpan<byte> input, int at, int best, out int distance)
    {
        distance = 0;
        int place = _base + at;
        int candidate = Insert(input, at);
        int limit = Math.Min(MaxLength, input.Length - at);
        ReadOnlySpan<byte> here = input.Slice(at, limit);
        for (int i = 0; i < MaxCandidates && place - candidate <= Window && candidate >= _base; i++)
        {
            int start = candidate - _base;
            if (best < limit && input[start + best] == here[best])
            {
                int length = Common(input[start..], here);
                if (length > best)
                {
                    best = length;
                    distance = place - candidate;
                    if (best >= Nice)
                    {
                        break;
                    }
                }
            }

            int next = _previous[candidate & (Window - 1)];
            if (next >= candidate)
            {
                break;
            }

            candidate = next;
        }

        return best;
    }

    /// <summary>Remembers a place.</summary>
    /// <returns>The last one before it with the same hash.</returns>
    public int Insert(ReadOnlySpan<byte> input, int at)
    {
        uint four = BinaryPrimitives.ReadUInt32LittleEndian(input[at..]);
        int hash = (int)(unchecked(four * 0x9E3779B1) >> (32 - HashBits));
        int before = _heads[hash];
        int place = _base + at;
        _heads[hash] = place;
        _previous[place & (Window - 1)] = before;
        return before;
    }

    private static int Common(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int at = 0;
        while (at + 8 <= right.Length)
        {
            ulong difference = BinaryPrimitives.ReadUInt64LittleEndian(left[at..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(right[at..]);
            if (difference != 0)
            {
                return at + (BitOperations.TrailingZeroCount(difference) / 8);
            }

            at += 8;
        }

        while (at < right.Length && left[at] == right[at])
        {
            at++;
        }

        return at;
    }
}
