namespace Hyper2Kvm.Images;

/// <summary>Every format that is known by its bytes and not read: a file that has a magic is never taken for a raw disk.</summary>
/// <remarks>Magics from the formats' own specifications and from the magic database of file(1).</remarks>
internal static class ImageSignatures
{
    private const string Unpack = "Unpack it and name the disk image inside.";
    private const string NotADisk = "Name the disk image itself.";

    public static IReadOnlyList<ImageSignature> NotRead { get; } =
    [
        new("QcowVersionNotSupported", "QCOW version 1", 0, "QFI\xFB\0\0\0\u0001", ImageRemedy.Convert),
        new("QedNotSupported", "QED", 0, "QED\0", ImageRemedy.Convert),
        new("ParallelsNotSupported", "Parallels HDD", 0, "WithoutFreeSpace", ImageRemedy.Convert),
        new("ParallelsNotSupported", "Parallels HDD", 0, "WithouFreSpacExt", ImageRemedy.Convert),
        new("BochsNotSupported", "Bochs disk image", 0, "Bochs Virtual HD Image", ImageRemedy.Convert),
        new("LuksNotSupported", "LUKS encryption", 0, "LUKS\xBA\xBE", "Unlock it first: qemu-img convert with --object secret and --image-opts."),
        new("DmgNotSupported", "Apple DMG", -512, "koly", ImageRemedy.Convert),
        new("WimNotSupported", "WIM archive", 0, "MSWIM\0\0\0", "A WIM holds files, not a disk: apply it to a disk first."),
        new("WimNotSupported", "WIM archive (pipable)", 0, "WLPWM\0\0\0", "A WIM holds files, not a disk: apply it to a disk first."),
        new("IsoIsNotADisk", "an ISO 9660 image in place of a disk", 0x8001, "CD001", NotADisk),
        new("IsoIsNotADisk", "a UDF image in place of a disk", 0x8001, "BEA01", NotADisk),
        new("ArchiveNotSupported", "ZIP archive", 0, "PK\u0003\u0004", Unpack),
        new("ArchiveNotSupported", "gzip file", 0, "\x1F\x8B\u0008", Unpack),
        new("ArchiveNotSupported", "xz file", 0, "\xFD" + "7zXZ\0", Unpack),
        new("ArchiveNotSupported", "7-Zip archive", 0, "7z\xBC\xAF\x27\x1C", Unpack),
        new("ArchiveNotSupported", "bzip2 file", 0, "BZh", Unpack),
        new("ArchiveNotSupported", "zstd file", 0, "\x28\xB5\x2F\xFD", Unpack),
        new("ArchiveNotSupported", "RAR archive", 0, "Rar!\x1A\u0007", Unpack),
        new("ArchiveNotSupported", "CAB archive", 0, "MSCF\0\0\0\0", Unpack),
        new("VmaNotSupported", "Proxmox VMA backup", 0, "VMA\0", "Unpack it: vma extract FILE FOLDER"),
        new("EwfNotSupported", "EWF (E01) evidence file", 0, "EVF\u0009\u000D\u000A\xFF\0", "Export it as a raw image first."),
        new("PartcloneNotSupported", "Partclone image", 0, "partclone-image", "Restore it to a raw image first: partclone.restore -C -O TARGET"),
        new("SavedStateNotSupported", "saved state of a virtual machine (libvirt)", 0, "LibvirtQemudSave", NotADisk),
        new("SavedStateNotSupported", "saved state of a virtual machine (QEMU)", 0, "QEVM", NotADisk),
        new("ProgramIsNotADisk", "an ELF program in place of a disk", 0, "\x7F" + "ELF", NotADisk),
        new("RegistryHiveIsNotADisk", "a registry hive in place of a disk", 0, "regf", NotADisk),
    ];
}
