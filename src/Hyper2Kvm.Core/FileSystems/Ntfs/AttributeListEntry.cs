using System.Globalization;
using System.Runtime.InteropServices;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $ATTRIBUTE_LIST entry, sorted by type, name, lowest VCN:
//   0x00 4 type   0x04 2 entry length   0x06 1 name length in chars   0x07 1 name offset   0x08 8 lowest VCN
//   0x10 8 file record that holds the attribute   0x18 2 attribute instance

/// <summary>Where a part of an attribute is kept when a file needs more than one file record.</summary>
internal readonly record struct AttributeListEntry(uint Type, string Name, long LowestVcn, FileReference Record, ushort Instance)
{
    public const int HeaderSize = 0x1A;

    /// <summary>Bytes of the entry on disk.</summary>
    public int Size => (HeaderSize + (Name.Length * 2) + 7) & ~7;

    /// <exception cref="DiskFormatException"><c>NtfsAttributeListDamaged</c>.</exception>
    public static List<AttributeListEntry> ReadAll(ReadOnlySpan<byte> list, long number)
    {
        string structure = string.Create(CultureInfo.InvariantCulture, $"NTFS attribute list of file record 0x{number:X}");
        List<AttributeListEntry> entries = [];
        int at = 0;
        while (at < list.Length)
        {
            ReadOnlySpan<byte> header = ByteSlice.Take(list, at, HeaderSize, "NtfsAttributeListDamaged", structure, at);
            int length = Le.U16(header, 0x04);
            int nameLength = header[0x06] * 2;
            if (length < HeaderSize || length % 8 != 0)
            {
                throw new DiskFormatException("NtfsAttributeListDamaged", structure, at, "an entry length", $"{length}");
            }

            ReadOnlySpan<byte> entry = ByteSlice.Take(list, at, length, "NtfsAttributeListDamaged", structure, at);
            ReadOnlySpan<byte> name = ByteSlice.Take(entry, header[0x07], nameLength, "NtfsAttributeListDamaged", structure, at);
            entries.Add(new AttributeListEntry(
                Le.U32(entry, 0x00),
                new string(MemoryMarshal.Cast<byte, char>(name)),
                Le.I64(entry, 0x08),
                new FileReference(Le.U64(entry, 0x10)),
                Le.U16(entry, 0x18)));
            at += length;
        }

        return entries;
    }

    /// <summary>Writes the entry; <paramref name="target"/> is <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        target.Clear();
        Le.U32(target, 0x00, Type);
        Le.U16(target, 0x04, (ushort)Size);
        target[0x06] = (byte)Name.Length;
        target[0x07] = HeaderSize;
        Le.I64(target, 0x08, LowestVcn);
        Le.U64(target, 0x10, Record.Value);
        Le.U16(target, 0x18, Instance);
        MemoryMarshal.AsBytes(Name.AsSpan()).CopyTo(target[HeaderSize..]);
    }
}
