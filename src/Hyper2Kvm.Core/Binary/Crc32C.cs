using System.Numerics;

namespace Hyper2Kvm.Binary;

/// <summary>CRC-32C (Castagnoli) as in VHDX and iSCSI: reflected polynomial 0x82F63B78, start and end inverted.</summary>
public static class Crc32C
{
    /// <summary>Of a structure that holds its own checksum, which counts as zero.</summary>
    /// <param name="bytes">The whole structure.</param>
    /// <param name="field">Offset of the checksum's 4 bytes.</param>
    public static uint ComputeWithout(ReadOnlySpan<byte> bytes, int field)
    {
        uint crc = Add(uint.MaxValue, bytes[..field]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Add(crc, bytes[(field + 4)..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, Le.U64(bytes, 0));
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
