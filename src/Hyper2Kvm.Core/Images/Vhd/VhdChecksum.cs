namespace Hyper2Kvm.Images.Vhd;

/// <summary>The checksum of a VHD's footer and header: the inverted sum of all bytes but those of the checksum itself.</summary>
internal static class VhdChecksum
{
    /// <param name="bytes">The whole structure.</param>
    /// <param name="field">Offset of the checksum's 4 bytes.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes, int field)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i < field || i >= field + 4 ? bytes[i] : 0u;
        }

        return ~sum;
    }
}
