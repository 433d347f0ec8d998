namespace Hyper2Kvm.Blocks;

/// <summary>A part of a writable device.</summary>
public sealed class WritableBlockSlice(IWritableBlockDevice device, BlockRange range)
    : BlockSlice(device, range), IWritableBlockDevice
{
    public void Write(long offset, ReadOnlySpan<byte> data) => device.Write(Place(offset, data.Length), data);

    public void Flush() => device.Flush();
}
