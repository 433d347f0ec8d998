using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>A disk's content with holes, text-like and random parts, and the comparison of an image with it.</summary>
internal sealed class SampleDisk
{
    public const int DefaultSize = (9 * 1024 * 1024) + (3 * 512);

    public SampleDisk(int seed, int size = DefaultSize)
    {
        Random random = new(seed);
        Bytes = new byte[size];
        for (int offset = 0; offset < size;)
        {
            int length = Math.Min(size - offset, 512 * random.Next(1, 600));
            Span<byte> part = Bytes.AsSpan(offset, length);
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(part);
                    break;
                case 1:
                    part.Fill((byte)random.Next(1, 256));
                    break;
            }

            offset += length;
        }

        // Both ends hold something, so that no image is shorter than it says.
        random.NextBytes(Bytes.AsSpan(size - 512));
        random.NextBytes(Bytes.AsSpan(0, 512));
    }

    public byte[] Bytes { get; }

    public string WriteRaw(TempFolder folder, string name = "sample.raw")
    {
        File.WriteAllBytes(folder.File(name), Bytes);
        return folder.File(name);
    }

    /// <summary>The whole disk and many small reads are as they should be.</summary>
    public static void AssertHolds(byte[] expected, DiskImage image)
    {
        Assert.Equal(expected.Length, image.Length);
        byte[] actual = new byte[expected.Length];
        image.Read(0, actual);
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"differs from byte {FirstDifference(expected, actual)}");
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            int offset = random.Next(expected.Length);
            int length = Math.Min(random.Next(200_000), expected.Length - offset);
            image.Read(offset, actual.AsSpan(0, length));
            Assert.True(
                expected.AsSpan(offset, length).SequenceEqual(actual.AsSpan(0, length)), $"{length} bytes at {offset} differ");
        }
    }

    public static int FirstDifference(byte[] expected, byte[] actual)
    {
        int offset = 0;
        while (offset < Math.Min(expected.Length, actual.Length) && expected[offset] == actual[offset])
        {
            offset++;
        }

        return offset;
    }
}
