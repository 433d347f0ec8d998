using System.Numerics;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>The Marvin32 checksum (US patent 20130262421) with the seed that Windows uses for registry log entries.</summary>
internal static class Marvin32
{
    private const ulong Seed = 0x82EF4D887A4E55C5;

    public static ulong Hash(ReadOnlySpan<byte> data)
    {
        unchecked
        {
            uint low = (uint)Seed;
            uint high = (uint)(Seed >> 32);
            while (data.Length >= 4)
            {
                low += Le.U32(data, 0);
                Mix(ref low, ref high);
                data = data[4..];
            }

            uint last = 0x80;
            for (int i = data.Length - 1; i >= 0; i--)
            {
                last = (last << 8) | data[i];
            }

            low += last;
            Mix(ref low, ref high);
            Mix(ref low, ref high);
            return low | ((ulong)high << 32);
        }
    }

    private static void Mix(ref uint low, ref uint high)
    {
        unchecked
        {
            high ^= low;
            low = BitOperations.RotateLeft(low, 20) + high;
            high = BitOperations.RotateLeft(high, 9) ^ low;
            low = BitOperations.RotateLeft(low, 27) + high;
            high = BitOperations.RotateLeft(high, 19);
        }
    }
}
