using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $STANDARD_INFORMATION: 0x00 8 creation, 0x08 8 modification, 0x10 8 record change, 0x18 8 access time (100 ns since 1601),
// 0x20 4 file attributes; since NTFS 3.0, 72 bytes: 0x30 4 owner id, 0x34 4 security id, 0x38 8 quota, 0x40 8 USN.

/// <summary>$STANDARD_INFORMATION, inside the buffer of its file record.</summary>
internal static class StandardInformation
{
    public const int MinimumSize = 0x30;
    public const int Size = 0x48;

    private const GuestFileAttributes Known = GuestFileAttributes.ReadOnly | GuestFileAttributes.Hidden | GuestFileAttributes.System
        | GuestFileAttributes.Archive | GuestFileAttributes.Sparse | GuestFileAttributes.ReparsePoint | GuestFileAttributes.Compressed
        | GuestFileAttributes.Encrypted;

    public static GuestFileAttributes AttributesOf(NtfsFile file)
    {
        GuestFileAttributes attributes = (GuestFileAttributes)Le.U32(Read(file), 0x20) & Known;
        return file.IsDirectory ? attributes | GuestFileAttributes.Directory : attributes;
    }

    public static DateTime ModifiedUtc(NtfsFile file)
    {
        long time = Le.I64(Read(file), 0x08);
        long limit = DateTime.MaxValue.ToFileTimeUtc();
        return DateTime.FromFileTimeUtc(Math.Clamp(time, 0, limit));
    }

    /// <summary>The 72 bytes of a new file.</summary>
    public static byte[] Create(long time, uint attributes, uint securityId)
    {
        byte[] bytes = new byte[Size];
        for (int offset = 0; offset < 0x20; offset += 8)
        {
            Le.I64(bytes, offset, time);
        }

        Le.U32(bytes, 0x20, attributes);
        Le.U32(bytes, 0x34, securityId);
        return bytes;
    }

    public static ReadOnlySpan<byte> Read(NtfsFile file)
    {
        AttributeView attribute = file.BaseAttribute(AttributeType.StandardInformation, "");
        return !attribute.IsNonResident && attribute.ValueLength >= MinimumSize
            ? attribute.Value
            : throw MasterFileTable.Damaged(file.Number, "resident standard information of 48 or 72 bytes", "another");
    }
}
