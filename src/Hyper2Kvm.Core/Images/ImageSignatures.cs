namespace Hyper2Kvm.Images;

/// <summary>Every format that is known by its bytes and not read: a file that has a magic is never taken for a raw disk.</summary>
/// <remarks>Magics from the formats' own specifications and from the magic database of file(1).</remarks>
internal static class ImageSignatures
{
    private const string Unpack = "Unpack it and name the disk image inside.";
    private const string NotADisk = "Name the disk image itself.";
    private const string ApplyWim = "It holds files, not a disk: apply it to a disk first.";
    private const string ExportRaw = "Export it as a raw image first.";
    private const string Restore = "Restore it to a disk with the program that made it.";

    public static IReadOnlyList<ImageSignature> NotRead { get; } =
    [
        new("QcowVersionNotSupported", "QCOW version 1", 0, "QFI\xFB\0\0\0\u0001", ImageRemedy.Convert),
        new("QedNotSupported", "QED", 0, "QED\0", ImageRemedy.Convert),
        new("ParallelsNotSupported", "Parallels HDD", 0, "WithoutFreeSpace", ImageRemedy.Convert),
        new("ParallelsNotSupported", "Parallels HDD", 0, "WithouFreSpacExt", ImageRemedy.Convert),
        new("BochsNotSupported", "Bochs disk image", 0, "Bochs Virtual HD Image", ImageRemedy.Convert),
        new("LuksNotSupported", "LUKS encryption", 0, "LUKS\xBA\xBE", "Unlock it first: qemu-img convert with --object secret and --image-opts."),
        new("CowNotSupported", "COW of User Mode Linux", 0, "OOOM", "Merge it with its base first: uml_moo -b BASE COW TARGET"),
        new("VmfsNotSupported", "a VMFS volume, which holds disks", 0x100000, "\x0D\xD0\x01\xC0", "Copy the virtual machine's files out of its datastore, and name the .vmdk."),
        new("DmgNotSupported", "Apple DMG", -512, "koly", ImageRemedy.Convert),
        new("DmgNotSupported", "Apple sparse image", 0, "sprs", "Convert it on a Mac first: hdiutil convert SOURCE -format UDTO -o TARGET"),
        new("WimNotSupported", "WIM or ESD archive", 0, "MSWIM\0\0\0", ApplyWim),
        new("WimNotSupported", "WIM archive (pipable)", 0, "WLPWM\0\0\0", ApplyWim),
        new("FfuNotSupported", "Full Flash Update image", 4, "SignedImage ", "Apply it to a disk first: DISM /Apply-Ffu"),
        new("IsoIsNotADisk", "an ISO 9660 image in place of a disk", 0x8001, "CD001", NotADisk),
        new("IsoIsNotADisk", "a UDF image in place of a disk", 0x8001, "BEA01", NotADisk),
        new("ArchiveNotSupported", "ZIP archive", 0, "PK\u0003\u0004", Unpack),
        new("ArchiveNotSupported", "gzip file", 0, "\x1F\x8B\u0008", Unpack),
        new("ArchiveNotSupported", "xz file", 0, "\xFD" + "7zXZ\0", Unpack),
        new("ArchiveNotSupported", "7-Zip archive", 0, "7z\xBC\xAF\x27\x1C", Unpack),
        new("ArchiveNotSupported", "bzip2 file", 0, "BZh", Unpack),
        new("ArchiveNotSupported", "zstd file", 0, "\x28\xB5\x2F\xFD", Unpack),
        new("ArchiveNotSupported", "lz4 file", 0, "\u0004\x22\x4D\x18", Unpack),
        new("ArchiveNotSupported", "lzop file", 0, "\x89LZO\0\x0D\x0A\x1A\x0A", Unpack),
        new("ArchiveNotSupported", "RAR archive", 0, "Rar!\x1A\u0007", Unpack),
        new("ArchiveNotSupported", "CAB archive", 0, "MSCF\0\0\0\0", Unpack),
        new("VmaNotSupported", "Proxmox VMA backup", 0, "VMA\0", "Unpack it: vma extract FILE FOLDER"),
        new("EwfNotSupported", "EWF (E01) evidence file", 0, "EVF\u0009\u000D\u000A\xFF\0", ExportRaw),
        new("EwfNotSupported", "EWF (Ex01) evidence file", 0, "EVF2\u000D\u000A\x81\0", ExportRaw),
        new("EwfNotSupported", "EWF (L01) logical evidence file", 0, "LVF\u0009\u000D\u000A\xFF\0", NotADisk),
        new("AffNotSupported", "Advanced Forensic Format (AFF)", 0, "AFF10\u000D\u000A\0", ExportRaw),
        new("AcronisNotSupported", "Acronis backup (tib)", 0, "\xB4\x6E\x68\x44", Restore),
        new("AcronisNotSupported", "Acronis backup (tib)", 0, "\xCE\x24\xB9\xA2\x20\0\0\0", Restore),
        new("GhostNotSupported", "Norton Ghost image", 0, "\xFE\xEF\u0001", Restore),
        new("PartcloneNotSupported", "Partclone image", 0, "partclone-image", "Restore it to a raw image first: partclone.restore -C -O TARGET"),
        new("SavedStateNotSupported", "saved state of a virtual machine (libvirt)", 0, "LibvirtQemudSave", NotADisk),
        new("SavedStateNotSupported", "saved state of a virtual machine (QEMU)", 0, "QEVM", NotADisk),
        new("SavedStateNotSupported", "saved state of a virtual machine (VMware)", 0, "\xD2\xBE\xD2\xBE", NotADisk),
        new("SavedStateNotSupported", "saved state of a virtual machine (VirtualBox)", 0, "\x7FVirtualBox SavedState", NotADisk),
        new("ProgramIsNotADisk", "an ELF program in place of a disk", 0, "\x7F" + "ELF", NotADisk),
        new("RegistryHiveIsNotADisk", "a registry hive in place of a disk", 0, "regf", NotADisk),
    ];
}
