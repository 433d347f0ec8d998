using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Iso9660;

/// <summary>A file's bytes, extent after extent.</summary>
internal sealed class IsoFile(IBlockDevice image, IsoEntry entry) : IBlockDevice
{
    public long Length => entry.Length;

    public int SectorSize => 1;

    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        foreach (BlockRange extent in entry.Extents)
        {
            if (offset < extent.Length && buffer.Length > 0)
            {
                int count = (int)Math.Min(buffer.Length, extent.Length - offset);
                image.ReadChecked(extent.Offset + offset, buffer[..count], "IsoExtentOutside", "ISO 9660 extent");
                buffer = buffer[count..];
                offset += count;
            }

            offset -= extent.Length;
        }
    }
}
