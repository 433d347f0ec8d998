using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Blocks;

public static class BlockDeviceExtensions
{
    /// <summary>Reads a structure whose place comes from the disk itself, so that a lie is a typed error.</summary>
    /// <exception cref="DiskFormatException">The range does not lie on the device.</exception>
    public static void ReadChecked(this IBlockDevice device, long offset, Span<byte> buffer, string errorId, string structure)
    {
        if (offset < 0 || offset > device.Length || buffer.Length > device.Length - offset)
        {
            throw new DiskFormatException(
                errorId,
                structure,
                offset,
                string.Create(CultureInfo.InvariantCulture, $"{buffer.Length} bytes within {device.Length}"),
                "the end of the device",
                "The image may be truncated: compare its size with the original's.");
        }

        device.Read(offset, buffer);
    }

    /// <summary>The whole device as one array; for small files only.</summary>
    /// <exception cref="DiskFormatException">The device is larger than <paramref name="limit"/>.</exception>
    public static byte[] ReadAll(this IBlockDevice device, int limit, string errorId, string structure)
    {
        if (device.Length > limit)
        {
            throw new DiskFormatException(
                errorId,
                structure,
                0,
                string.Create(CultureInfo.InvariantCulture, $"at most {limit} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{device.Length} bytes"));
        }

        byte[] bytes = new byte[device.Length];
        device.Read(0, bytes);
        return bytes;
    }
}
