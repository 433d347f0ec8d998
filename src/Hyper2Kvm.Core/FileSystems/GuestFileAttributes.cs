namespace Hyper2Kvm.FileSystems;

/// <summary>File attributes as NTFS and FAT store them (the low bits of FILE_ATTRIBUTE_*).</summary>
[Flags]
public enum GuestFileAttributes
{
    None = 0,
    ReadOnly = 0x1,
    Hidden = 0x2,
    System = 0x4,
    Directory = 0x10,
    Archive = 0x20,
    Sparse = 0x200,
    ReparsePoint = 0x400,
    Compressed = 0x800,
    Encrypted = 0x4000,
}
