using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Unit.Blocks;

public class CachedBlockDeviceTests
{
    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(10 * 1024 * 1024)]
    public void Reads_the_same_bytes_as_the_device_however_small_the_cache(int capacity)
    {
        byte[] bytes = new byte[(7 * 64 * 1024) + 513];
        Random random = new(3);
        random.NextBytes(bytes);
        using CachedBlockDevice cache = new(new MemoryBlockDevice(bytes, 512), capacity);
        for (int i = 0; i < 500; i++)
        {
            int offset = random.Next(bytes.Length);
            byte[] actual = new byte[random.Next(bytes.Length - offset + 1)];
            cache.Read(offset, actual);
            Assert.Equal(bytes[offset..(offset + actual.Length)], actual);
        }
    }

    [Fact]
    public void Asks_the_device_once_for_what_it_keeps()
    {
        byte[] bytes = new byte[64 * 1024];
        using CachedBlockDevice cache = new(new MemoryBlockDevice(bytes, 512), 1024 * 1024);
        byte[] first = new byte[8];
        cache.Read(100, first);
        bytes[100] = 1;
        byte[] second = new byte[8];
        cache.Read(100, second);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Refuses_a_range_that_is_not_on_the_device()
    {
        using CachedBlockDevice cache = new(new MemoryBlockDevice(new byte[100], 512), 1024 * 1024);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Read(90, new byte[11]));
    }
}
