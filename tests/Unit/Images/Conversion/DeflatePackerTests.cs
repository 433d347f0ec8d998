using System.IO.Compression;
using Hyper2Kvm.Images.Conversion;

namespace Hyper2Kvm.Unit.Images.Conversion;

public class DeflatePackerTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(65536)]
    [InlineData(2 * 1024 * 1024)]
    public void What_is_packed_comes_out_of_another_decoder(int size)
    {
        using DeflatePacker packer = new();
        for (int seed = 0; seed < 24; seed++)
        {
            byte[] cluster = Sample(seed, size);
            byte[] packed = new byte[size];
            int length = packer.Pack(cluster, packed);
            if (seed % 6 == 5)
            {
                continue; // random bytes need not fit
            }

            Assert.InRange(length, 1, size);
            using DeflateStream unpacking = new(new MemoryStream(packed, 0, length), CompressionMode.Decompress);
            byte[] unpacked = new byte[size + 1];
            Assert.Equal(size, unpacking.ReadAtLeast(unpacked, unpacked.Length, throwOnEndOfStream: false));
            Assert.True(cluster.AsSpan().SequenceEqual(unpacked.AsSpan(0, size)), $"seed {seed}");
        }
    }

    [Fact]
    public void No_distance_leads_out_of_the_window_of_QEMU()
    {
        // Two copies of random bytes, 4096 apart in one and 4097 in the other: only the first can be told by distance.
        Assert.InRange(Packed(4096), 1, 4096 + 800);
        Assert.InRange(Packed(4097), 8000, 9000);

        static int Packed(int distance)
        {
            byte[] bytes = new byte[distance * 2];
            new Random(7).NextBytes(bytes.AsSpan(0, distance));
            bytes.AsSpan(0, distance).CopyTo(bytes.AsSpan(distance));
            using DeflatePacker packer = new();
            return packer.Pack(bytes, new byte[bytes.Length + 100]);
        }
    }

    [Fact]
    public void What_does_not_fit_is_told_so()
    {
        byte[] random = new byte[65536];
        new Random(1).NextBytes(random);
        using DeflatePacker packer = new();
        Assert.Equal(0, packer.Pack(random, new byte[65535]));
        Assert.Equal(0, packer.Pack(new byte[65536], new byte[3]));
    }

    [Fact]
    public void Text_is_packed_about_as_well_as_by_zlib()
    {
        byte[] text = System.Text.Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Range(0, 4000).Select(i => $"{i * 37 % 101} service {i % 17} started in {i * i % 997} ms")));
        using DeflatePacker packer = new();
        int ours = packer.Pack(text, new byte[text.Length]);
        using MemoryStream zlib = new();
        using (DeflateStream stream = new(zlib, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(text);
        }

        Assert.InRange(ours, 1, zlib.Length * 3 / 2);
    }

    /// <summary>Text-like, runs, skewed bytes, sparse, a mix, and random.</summary>
    private static byte[] Sample(int seed, int size)
    {
        Random random = new(seed);
        byte[] bytes = new byte[size];
        for (int at = 0; at < size;)
        {
            int length = Math.Min(size - at, random.Next(1, 5000));
            Span<byte> part = bytes.AsSpan(at, length);
            switch (seed % 6 == 4 ? random.Next(4) : seed % 6)
            {
                case 0:
                    for (int i = 0; i < length; i++)
                    {
                        part[i] = (byte)"etaoin shrdlu"[random.Next(13) * random.Next(13) / 13];
                    }

                    break;
                case 1:
                    part.Fill((byte)random.Next(256));
                    break;
                case 2:
                    for (int i = 0; i < length; i++)
                    {
                        part[i] = (byte)(random.Next(256) & random.Next(256) & random.Next(256));
                    }

                    break;
                case 3:
                    part[random.Next(length)] = 1;
                    break;
                default:
                    random.NextBytes(part);
                    break;
            }

            at += length;
        }

        return bytes;
    }
}
