using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Qcow2;

// QEMU docs/interop/qcow2.txt, "Header extensions": u32 type, u32 length, data padded to 8; type 0 ends the list.

/// <summary>What the extensions behind the header of a QCOW2 file say.</summary>
/// <param name="All">Types of all extensions, and what each holds, as stored.</param>
/// <param name="BackingFormat">QEMU's name of the backing file's format, or null: to be probed.</param>
/// <param name="DataFile">Name of the external data file as written, or null.</param>
internal sealed record Qcow2Extensions(IReadOnlyList<(uint Type, byte[] Data)> All, string? BackingFormat, string? DataFile)
{
    public const uint BackingFormatType = 0xE2792ACA;
    public const uint DataFileType = 0x44415441;

    private const uint End = 0;

    public static Qcow2Extensions None { get; } = new([], null, null);

    /// <summary>What the extension of this type holds; null when there is none.</summary>
    public byte[]? DataOf(uint wanted)
    {
        foreach ((uint type, byte[] data) in All)
        {
            if (type == wanted)
            {
                return data;
            }
        }

        return null;
    }

    /// <param name="bytes">The first cluster, up to the name of the backing file.</param>
    /// <param name="offset">Where the header ends.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="DiskFormatException"><c>QcowHeaderDamaged</c></exception>
    public static Qcow2Extensions Read(ReadOnlySpan<byte> bytes, int offset, FileBlockDevice file)
    {
        List<(uint Type, byte[] Data)> all = [];
        string? format = null;
        string? data = null;
        while (offset + 8 <= bytes.Length)
        {
            uint type = Be.U32(bytes, offset);
            uint length = Be.U32(bytes, offset + 4);
            if (type == End)
            {
                // Version 2 ends here; a feature mask of version 3 in this place shows that the version is wrong.
                Qcow2Header.Require(length == 0, file, offset + 4, "a list of header extensions that ends with an empty one", length);
                break;
            }

            Qcow2Header.Require(
                length <= bytes.Length - offset - 8, file, offset + 4, "a header extension that ends before the backing file name", length);
            ReadOnlySpan<byte> text = bytes.Slice(offset + 8, (int)length);
            all.Add((type, text.ToArray()));
            if (type == BackingFormatType)
            {
                format = Encoding.ASCII.GetString(text);
            }
            else if (type == DataFileType)
            {
                Qcow2Header.Require(
                    length > 0 && data is null && !text.Contains((byte)0), file, offset, "one name of an external data file", "none, two or a NUL in it");
                data = Encoding.UTF8.GetString(text);
            }

            offset += 8 + (((int)length + 7) & ~7);
        }

        return new Qcow2Extensions(all, format, data);
    }
}
