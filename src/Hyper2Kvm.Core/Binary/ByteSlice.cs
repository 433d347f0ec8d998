using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Binary;

/// <summary>Range checks for lengths and offsets that come from a disk: a guest's bytes are somebody else's.</summary>
public static class ByteSlice
{
    /// <summary>The <paramref name="length"/> bytes at <paramref name="offset"/>, or an error that names the structure.</summary>
    /// <param name="bytes">The buffer.</param>
    /// <param name="offset">Where the slice starts in <paramref name="bytes"/>.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="errorId">Stable id of the error.</param>
    /// <param name="structure">The structure being read, for the message.</param>
    /// <param name="origin">Offset of <paramref name="bytes"/> on the disk, volume or file, for the message.</param>
    /// <exception cref="DiskFormatException">The slice does not lie wholly inside the buffer.</exception>
    public static ReadOnlySpan<byte> Take(
        ReadOnlySpan<byte> bytes, long offset, long length, string errorId, string structure, long origin)
    {
        Check(bytes.Length, offset, length, errorId, structure, origin);
        return bytes.Slice((int)offset, (int)length);
    }

    /// <inheritdoc cref="Take"/>
    public static Span<byte> TakeWritable(
        Span<byte> bytes, long offset, long length, string errorId, string structure, long origin)
    {
        Check(bytes.Length, offset, length, errorId, structure, origin);
        return bytes.Slice((int)offset, (int)length);
    }

    private static void Check(int size, long offset, long length, string errorId, string structure, long origin)
    {
        if (offset < 0 || length < 0 || offset > size || length > size - offset)
        {
            throw new DiskFormatException(
                errorId,
                structure,
                origin,
                string.Create(CultureInfo.InvariantCulture, $"a part that lies within {size} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{length} bytes at +{offset}"));
        }
    }
}
