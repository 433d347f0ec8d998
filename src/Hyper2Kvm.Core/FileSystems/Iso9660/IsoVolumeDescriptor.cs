using System.Globalization;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Iso9660;

// ECMA-119, 8.4 and 8.5: volume descriptor, 2048 bytes, from sector 16 on. Numbers of 4 + 4 bytes are little- then big-endian.
//
//   0     1  type: 0 boot record, 1 primary, 2 supplementary, 255 terminator     120  2+2  volume set size
//   1     5  "CD001"                                                            124  2+2  volume sequence number
//   6     1  version: 1 (2: enhanced, ISO 9660:1999)                            128  2+2  logical block size
//   40   32  volume identifier                                                  156   34  directory record of the root
//   88   32  escape sequences (supplementary): %/@ %/C %/E mean Joliet

/// <summary>A primary or supplementary volume descriptor.</summary>
/// <param name="IsJoliet">Names are UCS-2, big-endian (Joliet specification, levels 1 to 3).</param>
/// <param name="Label">Volume identifier.</param>
/// <param name="BlockSize">Bytes of a logical block.</param>
/// <param name="Root">The root directory.</param>
internal readonly record struct IsoVolumeDescriptor(bool IsJoliet, string Label, int BlockSize, IsoDirectoryRecord Root)
{
    public const int Size = 2048;

    public static IsoVolumeDescriptor Read(ReadOnlySpan<byte> bytes, bool isJoliet, long origin)
    {
        int blockSize = Le.U16(bytes, 128);
        if (blockSize is not (512 or 1024 or 2048))
        {
            throw new DiskFormatException("IsoDescriptorDamaged", "ISO 9660 volume descriptor", origin + 128,
                "a logical block of 512, 1024 or 2048 bytes", blockSize.ToString(CultureInfo.InvariantCulture));
        }

        Encoding encoding = isJoliet ? Encoding.BigEndianUnicode : Encoding.Latin1;
        string label = encoding.GetString(bytes.Slice(40, 32)).TrimEnd(' ', '\0');
        IsoDirectoryRecord root = IsoDirectoryRecord.Read(bytes.Slice(156, 34), isJoliet, origin + 156);
        if (!root.IsDirectory)
        {
            throw new DiskFormatException("IsoDescriptorDamaged", "ISO 9660 volume descriptor", origin + 156,
                "the record of a root directory", "the record of a file");
        }

        return new IsoVolumeDescriptor(isJoliet, label, blockSize, root);
    }

    /// <summary>Whether a supplementary descriptor is Joliet's and not of ISO 9660:1999 or another character set.</summary>
    public static bool HasJolietEscape(ReadOnlySpan<byte> bytes) =>
        bytes[6] == 1 && bytes[88] == '%' && bytes[89] == '/' && bytes[90] is (byte)'@' or (byte)'C' or (byte)'E';
}
