namespace Hyper2Kvm.Blocks;

/// <summary>A part of a device seen as a device of its own: a partition.</summary>
public class BlockSlice : IBlockDevice
{
    private readonly IBlockDevice _device;

    public BlockSlice(IBlockDevice device, BlockRange range)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, device.Length);
        _device = device;
        Range = range;
    }

    /// <summary>Where this slice lies on the device beneath.</summary>
    public BlockRange Range { get; }

    public long Length => Range.Length;

    public int SectorSize => _device.SectorSize;

    public void Read(long offset, Span<byte> buffer) => _device.Read(Place(offset, buffer.Length), buffer);

    protected long Place(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return Range.Offset + offset;
    }
}
