namespace Hyper2Kvm.Images.Conversion;

/// <summary>A canonical Huffman code as RFC 1951 section 3.2.2 has it, for an alphabet whose frequencies were counted.</summary>
internal sealed class HuffmanCode(int symbols, int maxLength)
{
    private readonly ulong[] _sorted = new ulong[symbols];
    private readonly int[] _weights = new int[symbols * 2];
    private readonly int[] _parents = new int[symbols * 2];
    private readonly int[] _lengthCounts = new int[symbols + 1];

    /// <summary>How often each symbol comes; set before <see cref="Build"/>.</summary>
    public int[] Counts { get; } = new int[symbols];

    /// <summary>Bits of each symbol's code; 0: it does not come.</summary>
    public byte[] Lengths { get; } = new byte[symbols];

    /// <summary>The codes, their first bit lowest, as they are written.</summary>
    public ushort[] Codes { get; } = new ushort[symbols];

    /// <summary>Bits that all counted symbols take.</summary>
    public long Cost
    {
        get
        {
            long bits = 0;
            for (int i = 0; i < Counts.Length; i++)
            {
                bits += (long)Counts[i] * Lengths[i];
            }

            return bits;
        }
    }

    /// <summary>Symbols up to the last that comes.</summary>
    public int UsedSymbols
    {
        get
        {
            int used = Lengths.Length;
            while (used > 0 && Lengths[used - 1] == 0)
            {
                used--;
            }

            return used;
        }
    }

    public void Build()
    {
        int used = Sort();
        Merge(used);
        Limit(used);
        AssignCodes();
    }

    /// <summary>Some decoders want two codes at least.</summary>
    private int Sort()
    {
        int used = 0;
        for (int i = 0; i < Counts.Length; i++)
        {
            used += Counts[i] > 0 ? 1 : 0;
        }

        for (int i = 0; used < 2; i++)
        {
            used += Counts[i] == 0 ? 1 : 0;
            Counts[i] = Math.Max(Counts[i], 1);
        }

        int at = 0;
        for (int i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] > 0)
            {
                _sorted[at++] = ((ulong)Counts[i] << 16) | (uint)i;
            }
        }

        Array.Sort(_sorted, 0, used);
        return used;
    }

    /// <summary>Huffman's algorithm with two queues: the leaves from 0, the inner nodes behind them, both with ascending weights.</summary>
    private void Merge(int used)
    {
        for (int i = 0; i < used; i++)
        {
            _weights[i] = (int)(_sorted[i] >> 16);
        }

        int leaf = 0;
        int inner = used;
        int root = (2 * used) - 2;
        for (int next = used; next <= root; next++)
        {
            int weight = 0;
            for (int child = 0; child < 2; child++)
            {
                bool isLeaf = leaf < used && (inner >= next || _weights[leaf] <= _weights[inner]);
                int node = isLeaf ? leaf++ : inner++;
                weight += _weights[node];
                _parents[node] = next;
            }

            _weights[next] = weight;
        }

        // From here on a weight is the depth of its node.
        _lengthCounts.AsSpan().Clear();
        _weights[root] = 0;
        for (int node = root - 1; node >= 0; node--)
        {
            _weights[node] = _weights[_parents[node]] + 1;
            if (node < used)
            {
                _lengthCounts[_weights[node]]++;
            }
        }
    }

    /// <summary>Shortens codes that are too long, and lengthens others until all have a place again; then the rarest get the longest.</summary>
    private void Limit(int used)
    {
        for (int length = maxLength + 1; length < _lengthCounts.Length; length++)
        {
            _lengthCounts[maxLength] += _lengthCounts[length];
            _lengthCounts[length] = 0;
        }

        long taken = 0;
        for (int length = 1; length <= maxLength; length++)
        {
            taken += (long)_lengthCounts[length] << (maxLength - length);
        }

        for (; taken > 1L << maxLength; taken--)
        {
            int length = maxLength - 1;
            while (_lengthCounts[length] == 0)
            {
                length--;
            }

            _lengthCounts[maxLength]--;
            _lengthCounts[length]--;
            _lengthCounts[length + 1] += 2;
        }

        Lengths.AsSpan().Clear();
        int symbol = 0;
        for (int length = maxLength; length > 0; length--)
        {
            for (int i = 0; i < _lengthCounts[length]; i++)
            {
                Lengths[(int)(_sorted[symbol++] & 0xFFFF)] = (byte)length;
            }
        }
    }

    private void AssignCodes()
    {
        Span<int> next = stackalloc int[17];
        int code = 0;
        for (int length = 1; length <= maxLength; length++)
        {
            code = (code + (length > 1 ? _lengthCounts[length - 1] : 0)) << 1;
            next[length] = code;
        }

        for (int i = 0; i < Lengths.Length; i++)
        {
            int length = Lengths[i];
            Codes[i] = length == 0 ? (ushort)0 : Reverse(next[length]++, length);
        }
    }

    private static ushort Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }

        return (ushort)reversed;
    }
}
