using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Unit.Partitions;

/// <summary>A disk of which only the first bytes are known; the others are zero.</summary>
internal sealed class PrefixDevice(byte[] prefix, long length) : IBlockDevice
{
    public long Length => length;

    public int SectorSize => 512;

    public void Read(long offset, Span<byte> buffer)
    {
        buffer.Clear();
        if (offset < prefix.Length)
        {
            ReadOnlySpan<byte> known = prefix.AsSpan((int)offset);
            known[..Math.Min(known.Length, buffer.Length)].CopyTo(buffer);
        }
    }
}
