using System.Globalization;
using System.IO.Compression;
using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Booting;

/// <summary>A screen: 24-bit pixels, row by row. Reads QEMU's PPM (P6, netpbm's ppm(5)), writes PNG (RFC 2083).</summary>
internal sealed class PixelMap(int width, int height, byte[] pixels)
{
    private const int MaxSide = 16384;

    public int Width => width;

    public int Height => height;

    /// <summary>Red, green, blue of each pixel.</summary>
    public byte[] Pixels => pixels;

    /// <returns>Null when the bytes are not a whole picture: QEMU may still be writing it.</returns>
    public static PixelMap? FromPpm(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 'P' || bytes[1] != '6')
        {
            return null;
        }

        int at = 2;
        Span<int> header = stackalloc int[3];
        for (int i = 0; i < 3; i++)
        {
            while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\n')
            {
                at++;
            }

            int end = at;
            while (end < bytes.Length && bytes[end] is >= (byte)'0' and <= (byte)'9')
            {
                end++;
            }

            if (!int.TryParse(bytes[at..end], NumberStyles.None, CultureInfo.InvariantCulture, out header[i]))
            {
                return null;
            }

            at = end;
        }

        at++;
        bool fits = header[0] is > 0 and <= MaxSide && header[1] is > 0 and <= MaxSide && header[2] == 255
            && bytes.Length - at >= 3L * header[0] * header[1];
        return fits ? new PixelMap(header[0], header[1], bytes.Slice(at, 3 * header[0] * header[1]).ToArray()) : null;
    }

    public byte[] ToPng()
    {
        using MemoryStream file = new();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        Be.U32(header, 0, (uint)width);
        Be.U32(header, 4, (uint)height);
        header[8] = 8; // bits a sample
        header[9] = 2; // RGB
        Chunk(file, "IHDR", header);
        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0); // filter: none
                zlib.Write(pixels, row * width * 3, width * 3);
            }
        }

        Chunk(file, "IDAT", data.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] content)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        byte[] number = new byte[4];
        Be.U32(number, 0, (uint)content.Length);
        file.Write(number);
        file.Write(body);
        Be.U32(number, 0, Crc32.Compute(body));
        file.Write(number);
    }
}
