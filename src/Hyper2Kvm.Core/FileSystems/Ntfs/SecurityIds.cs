using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $Secure keeps each security descriptor once. Stream $SDS holds them, 16-byte aligned, in blocks of 256 KiB that are each followed by
// a copy; an entry does not cross a block: 0x00 4 hash  0x04 4 id  0x08 8 own offset  0x10 4 length with header  0x14 descriptor.
// Index $SII: key id; index $SDH: key hash, id. The data of both is the 20-byte header ($SDH: and "II" as padding).

/// <summary>Finds or makes the security id of a new file: the id of the descriptor that it inherits.</summary>
internal sealed class SecurityIds(WriteContext context)
{
    private const int HeaderSize = 0x14;
    private const int BlockSize = 0x40000;
    private const int MaxDescriptor = 0x10000;
    private const string Stream = "$SDS";
    private const string ErrorId = "NtfsSecurityDamaged";

    /// <summary>The id for something new in a directory.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsSecurityDamaged</c>: the directory's descriptor cannot be read.</exception>
    public uint ForNew(FileReference directory, bool isDirectory)
    {
        byte[] descriptor = SecurityDescriptor.Inherit(ReadDescriptor(directory), isDirectory);
        uint hash = Hash(descriptor);
        NtfsFile secure = LoadSecure();
        return FindId(secure, descriptor, hash) ?? Append(secure, descriptor, hash);
    }

    private static uint Hash(ReadOnlySpan<byte> descriptor)
    {
        uint hash = 0;
        for (int i = 0; i + 4 <= descriptor.Length; i += 4)
        {
            hash = unchecked(uint.RotateLeft(hash, 3) + Le.U32(descriptor, i));
        }

        return hash;
    }

    private NtfsFile LoadSecure() => context.Volume.Load(new FileReference(FileReference.SecureNumber, 0));

    private byte[] ReadDescriptor(FileReference reference)
    {
        NtfsFile file = context.Volume.Load(reference);
        if (file.Find(AttributeType.SecurityDescriptor, "") is { } own)
        {
            return file.ReadValue(own, MaxDescriptor);
        }

        ReadOnlySpan<byte> information = StandardInformation.Read(file);
        uint id = information.Length >= StandardInformation.Size ? Le.U32(information, 0x34) : 0;
        NtfsFile secure = LoadSecure();
        IndexEntry? entry = id == 0 ? null : Open(secure, "$SII").Find(other => id.CompareTo(Le.U32(KeyOf(other, 4), 0)));
        return entry is { } found
            ? ReadEntry(secure, found)
            : throw Damaged($"a descriptor for security id {id} of {MasterFileTable.Name(reference.Number)}", "none");
    }

    private uint? FindId(NtfsFile secure, ReadOnlySpan<byte> descriptor, uint hash)
    {
        IndexTree tree = Open(secure, "$SDH");
        ulong from = (ulong)hash << 32;
        while (true)
        {
            ulong sought = from;
            IndexEntry? next = null;
            tree.Find(other =>
            {
                int order = sought.CompareTo(HashKey(other));
                next = order <= 0 ? other : next;
                return order;
            });
            if (next is not { } candidate || HashKey(candidate) >> 32 != hash)
            {
                return null;
            }

            if (descriptor.SequenceEqual(ReadEntry(secure, candidate)))
            {
                return (uint)(HashKey(candidate) & uint.MaxValue);
            }

            from = HashKey(candidate) + 1;
        }
    }

    /// <summary>Adds a descriptor to the stream, its copy and both indexes.</summary>
    private uint Append(NtfsFile secure, ReadOnlySpan<byte> descriptor, uint hash)
    {
        long end = 0;
        uint id = 0xFF;
        foreach (IndexEntry entry in Open(secure, "$SII").Enumerate())
        {
            ReadOnlySpan<byte> data = DataOf(entry);
            id = Math.Max(id, Le.U32(data, 0x04));
            end = Math.Max(end, CheckedEnd(data));
        }

        id++;
        int length = HeaderSize + descriptor.Length;
        long offset = (end + 15) & ~15L;
        if (offset / BlockSize != (offset + length - 1) / BlockSize || offset / BlockSize % 2 != 0)
        {
            offset = ((offset / BlockSize) + 1 + ((offset / BlockSize) & 1 ^ 1)) * BlockSize;
        }

        byte[] bytes = new byte[length];
        Le.U32(bytes, 0x00, hash);
        Le.U32(bytes, 0x04, id);
        Le.I64(bytes, 0x08, offset);
        Le.U32(bytes, 0x10, (uint)length);
        descriptor.CopyTo(bytes.AsSpan(HeaderSize));
        WriteTwice(secure.Reference, offset, bytes);
        AddToIndexes(secure.Reference, bytes.AsSpan(0, HeaderSize).ToArray(), hash, id);
        return id;
    }

    private void WriteTwice(FileReference secure, long offset, byte[] bytes)
    {
        FileEditor file = new(context, secure);
        long length = offset + BlockSize + bytes.Length;
        if (file.Read(AttributeType.Data, Stream) is { } stream && stream.DataSize < length)
        {
            file.SetLength(AttributeType.Data, Stream, length);
        }

        if (file.Read(AttributeType.Data, Stream).InitializedSize < length)
        {
            throw Damaged("a $SDS that is initialized throughout", "one that is not");
        }

        file.WriteStream(AttributeType.Data, Stream, offset, bytes);
        file.WriteStream(AttributeType.Data, Stream, offset + BlockSize, bytes);
        file.Save();
    }

    private void AddToIndexes(FileReference secure, byte[] header, uint hash, uint id)
    {
        byte[] byId = new byte[0x28];
        Le.U16(byId, 0x00, 0x14);
        Le.U16(byId, 0x02, HeaderSize);
        Le.U16(byId, 0x08, (ushort)byId.Length);
        Le.U16(byId, 0x0A, 4);
        Le.U32(byId, 0x10, id);
        header.CopyTo(byId, 0x14);
        new IndexEditor(context, secure, "$SII").Insert(byId, other => id.CompareTo(Le.U32(KeyOf(other, 4), 0)));

        byte[] byHash = new byte[0x30];
        Le.U16(byHash, 0x00, 0x18);
        Le.U16(byHash, 0x02, HeaderSize);
        Le.U16(byHash, 0x08, (ushort)byHash.Length);
        Le.U16(byHash, 0x0A, 8);
        Le.U32(byHash, 0x10, hash);
        Le.U32(byHash, 0x14, id);
        header.CopyTo(byHash, 0x18);
        "I\0I\0"u8.CopyTo(byHash.AsSpan(0x2C));
        ulong key = ((ulong)hash << 32) | id;
        new IndexEditor(context, secure, "$SDH").Insert(byHash, other => key.CompareTo(HashKey(other)));
    }

    private IndexTree Open(NtfsFile secure, string name) => IndexTree.Open(secure, name, context.Volume.Boot);

    private static byte[] ReadEntry(NtfsFile secure, IndexEntry entry)
    {
        ReadOnlySpan<byte> data = DataOf(entry);
        long end = CheckedEnd(data);
        long offset = Le.I64(data, 0x08);
        IBlockDevice stream = secure.OpenStream(secure.Require(AttributeType.Data, Stream));
        byte[] bytes = new byte[end - offset];
        stream.ReadChecked(offset, bytes, ErrorId, "NTFS $Secure:$SDS");
        byte[] descriptor = bytes[HeaderSize..];
        return bytes.AsSpan(0, HeaderSize).SequenceEqual(data[..HeaderSize]) && Hash(descriptor) == Le.U32(data, 0x00)
            ? descriptor
            : throw Damaged($"the descriptor of security id {Le.U32(data, 0x04)} at 0x{offset:X}", "another");
    }

    private static long CheckedEnd(ReadOnlySpan<byte> data)
    {
        long offset = Le.I64(data, 0x08);
        uint length = Le.U32(data, 0x10);
        return offset is >= 0 and < 1L << 40 && length is > HeaderSize and <= MaxDescriptor + HeaderSize
            ? offset + length
            : throw Damaged("a place in $SDS", $"{length} bytes at 0x{offset:X}");
    }

    private static ulong HashKey(IndexEntry entry)
    {
        ReadOnlySpan<byte> key = KeyOf(entry, 8);
        return ((ulong)Le.U32(key, 0) << 32) | Le.U32(key, 4);
    }

    private static ReadOnlySpan<byte> KeyOf(IndexEntry entry, int size) =>
        entry.KeyLength == size ? entry.Key : throw Damaged($"a key of {size} bytes", $"{entry.KeyLength} bytes");

    private static ReadOnlySpan<byte> DataOf(IndexEntry entry) =>
        entry.ViewData.Length >= HeaderSize ? entry.ViewData : throw Damaged("index data of 20 bytes", $"{entry.ViewData.Length} bytes");

    private static DiskFormatException Damaged(string expected, string actual) =>
        new(ErrorId, "NTFS $Secure", 0, expected, actual, "Run chkdsk in the guest before migrating it.");
}
