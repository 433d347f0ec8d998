using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Images.Qcow2;

/// <summary>The header of a new file, version 3; see <see cref="Qcow2Header"/> for the fields.</summary>
internal static class Qcow2NewHeader
{
    private const int Length = 112;
    private const ulong CompressionTypeUsed = 1 << 3;

    /// <summary>A file of its own: no backing file, no mark.</summary>
    /// <param name="header">Zeros, to be filled with all that does not depend on the rest of the file.</param>
    /// <param name="clusterBits">9 to 21.</param>
    /// <param name="isZstd">Compressed clusters are zstd, not deflate.</param>
    public static void Fill(Span<byte> header, int clusterBits, bool isZstd)
    {
        Be.U32(header, 0, Qcow2Header.Magic);
        Be.U32(header, 4, 3);
        Be.U32(header, 20, (uint)clusterBits);
        Be.U64(header, 72, isZstd ? CompressionTypeUsed : 0);
        Be.U32(header, 96, 4); // refcount_order: 16 bits
        Be.U32(header, 100, Length);
        header[104] = isZstd ? (byte)1 : (byte)0;
    }

    /// <summary>An overlay, or a file with a mark.</summary>
    /// <exception cref="ArgumentException">The backing file's name does not fit.</exception>
    public static void Fill(Span<byte> header, int clusterBits, Qcow2Content content)
    {
        byte[] name = Encoding.UTF8.GetBytes(content.BackingFile ?? "");
        byte[] format = Encoding.ASCII.GetBytes(content.BackingFormat ?? "");
        if (name.Length > Qcow2Header.MaxBackingName || (name.Length == 0) != (format.Length == 0) || format.Length > 15)
        {
            throw new ArgumentException(
                $"A backing file needs a name of up to {Qcow2Header.MaxBackingName} bytes and a format's name.", nameof(content));
        }

        Fill(header, clusterBits, isZstd: false);
        int end = Length;
        if (content.Marker is { } marker)
        {
            Be.U32(header, end, marker);
            Be.I32(header, end + 4, content.MarkerData.Length);
            content.MarkerData.Span.CopyTo(header[(end + 8)..]);
            end += 8 + ((content.MarkerData.Length + 7) & ~7);
        }

        if (name.Length > 0)
        {
            Be.U32(header, end, Qcow2Extensions.BackingFormatType);
            Be.U32(header, end + 4, (uint)format.Length);
            format.CopyTo(header[(end + 8)..]);
            end += 8 + ((format.Length + 7) & ~7);
            Be.I64(header, 8, end + 8); // after the empty extension that ends the list
            Be.I32(header, 16, name.Length);
            name.CopyTo(header[(end + 8)..]);
        }
    }
}
