using CsCheck;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Unit.Blocks;

public class OverlayBlockDeviceTests
{
    private const int Size = (3 * OverlayBlockDevice.ClusterSize) + 1000;

    [Fact]
    public void Random_writes_read_back_as_in_an_array_and_leave_the_source_alone()
    {
        Gen.Select(Gen.Int[0, Size - 1], Gen.Byte.Array[0, 100_000]).Array[1, 12].Sample(
            writes =>
            {
                byte[] expected = new byte[Size];
                new Random(7).NextBytes(expected);
                byte[] source = [.. expected];
                OverlayBlockDevice overlay = new(new MemoryBlockDevice(source, 512));
                foreach ((int offset, byte[] data) in writes)
                {
                    byte[] fitting = data[..Math.Min(data.Length, Size - offset)];
                    fitting.CopyTo(expected, offset);
                    overlay.Write(offset, fitting);
                }

                byte[] actual = new byte[Size];
                overlay.Read(0, actual);
                byte[] untouched = new byte[Size];
                new Random(7).NextBytes(untouched);
                Assert.Equal(expected, actual);
                Assert.Equal(untouched, source);
            },
            iter: 50);
    }

    [Fact]
    public void Frozen_overlay_refuses_to_change()
    {
        OverlayBlockDevice overlay = new(new MemoryBlockDevice(new byte[512], 512));
        overlay.Freeze();
        Assert.Throws<InvalidOperationException>(() => overlay.Write(0, [1]));
    }
}
