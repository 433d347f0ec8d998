using System.Text;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

public sealed class ScreenTests
{
    [Theory]
    [InlineData("black", "Blank")]
    [InlineData("black,white:2", "Dark")]
    [InlineData("stop10,white:3", "BlueScreen")]
    [InlineData("stop8,white:3", "BlueScreen")]
    [InlineData("stop7,white:5", "BlueScreen")]
    [InlineData("stop10,tile:12,white:3", "Recovery")]
    [InlineData("photo:60,white:10,black:10,stop10:20", "Picture")]
    [InlineData("white,black:3", "Picture")]
    public void A_screen_is_told_by_its_colours(string parts, string kind) => Assert.Equal(kind, ScreenClassifier.Classify(Paint(parts)).ToString());

    [Fact]
    public void The_text_screen_is_read_and_graphics_are_not_taken_for_text()
    {
        byte[] memory = new byte[VgaText.Length];
        for (int i = 0; i < memory.Length; i += 2)
        {
            memory[i] = (byte)' ';
            memory[i + 1] = 7;
        }

        byte[] line = Encoding.ASCII.GetBytes("BOOTMGR is missing");
        for (int i = 0; i < line.Length; i++)
        {
            memory[(80 * 2 * 3) + (i * 2)] = line[i];
        }

        Assert.Equal("BOOTMGR is missing", VgaText.Read(memory).Trim());
        new Random(1).NextBytes(memory);
        Assert.Equal("", VgaText.Read(memory));
        Assert.Equal("", VgaText.Read(new byte[VgaText.Length]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P6")]
    [InlineData("P6\n2 2\n255\n12 bytes")]
    [InlineData("P6\n99999999999 1\n255\nx")]
    [InlineData("P6\n-1 1\n255\nx")]
    public void A_picture_that_is_not_whole_is_none(string text) => Assert.Null(PixelMap.FromPpm(Encoding.ASCII.GetBytes(text)));

    [OracleFact("python3")]
    public void The_PNG_is_one_to_a_foreign_reader()
    {
        using TempFolder folder = new();
        PixelMap screen = Paint("stop10,white:3");
        File.WriteAllBytes(folder.File("a.png"), screen.ToPng());
        const string Decode = """
            import sys, zlib, struct
            d = open(sys.argv[1], 'rb').read(); at = 8; data = b''
            assert d[:8] == b'\x89PNG\r\n\x1a\n'
            while at < len(d):
                n, = struct.unpack('>I', d[at:at+4]); kind = d[at+4:at+8]; body = d[at+8:at+8+n]
                assert zlib.crc32(kind + body) == struct.unpack('>I', d[at+8+n:at+12+n])[0]
                if kind == b'IDAT': data += body
                at += 12 + n
            print(zlib.decompress(data)[1:4].hex())
            """;
        Assert.Equal("0078d7", ForeignTool.RunOk("python3", "-c", Decode, folder.File("a.png")).Trim());
    }

    /// <summary>Fills a screen with colours, each with its share in percent; the first takes what is left.</summary>
    private static PixelMap Paint(string parts)
    {
        const int Width = 200;
        const int Height = 100;
        byte[] pixels = new byte[Width * Height * 3];
        string[] colours = parts.Split(',');
        Fill(pixels, 0, Width * Height, colours[0].Split(':')[0]);
        int end = Width * Height;
        foreach (string[] colour in colours.Skip(1).Select(part => part.Split(':')))
        {
            int count = Width * Height * int.Parse(colour[1], System.Globalization.CultureInfo.InvariantCulture) / 100;
            Fill(pixels, end - count, end, colour[0]);
            end -= count;
        }

        return new PixelMap(Width, Height, pixels);
    }

    private static void Fill(byte[] pixels, int from, int to, string colour)
    {
        for (int i = from; i < to; i++)
        {
            (byte red, byte green, byte blue) = colour switch
            {
                "black" => ((byte)0, (byte)0, (byte)0),
                "white" => ((byte)255, (byte)255, (byte)255),
                "stop10" => ((byte)0x00, (byte)0x78, (byte)0xD7),
                "stop8" => ((byte)0x10, (byte)0x73, (byte)0xAA),
                "stop7" => ((byte)0, (byte)0, (byte)0x82),
                "tile" => ((byte)0x33, (byte)0x93, (byte)0xDF),
                _ => unchecked(((byte)(i * 7), (byte)(i / 3), (byte)(i * 31))),
            };
            pixels[i * 3] = red;
            pixels[(i * 3) + 1] = green;
            pixels[(i * 3) + 2] = blue;
        }
    }
}
