using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images.Ova;
using Hyper2Kvm.Images.Qcow2;
using Hyper2Kvm.Images.Vdi;
using Hyper2Kvm.Images.Vhd;
using Hyper2Kvm.Images.Vhdx;
using Hyper2Kvm.Images.Vmdk;

namespace Hyper2Kvm.Images;

/// <summary>Opens a disk image whatever its format: by its bytes, never by its file name.</summary>
public static class ImageDetector
{
    private const int LongestMagic = 32;

    /// <summary>Opens the image read-only with everything it needs, or refuses it by name.</summary>
    /// <param name="path">A file, or a disk inside an OVA as <see cref="OvaPath"/> says.</param>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    /// <exception cref="UnsupportedFeatureException">The format, or a feature of it, is not read.</exception>
    /// <exception cref="DiskFormatException">The image, or one beneath it, is damaged.</exception>
    /// <exception cref="GuestItemNotFoundException">A backing file is missing (<c>BackingFileMissing</c>).</exception>
    /// <exception cref="GuestStateException">Another program writes to it (<c>ImageInUse</c>), or an edit in place of it, or of one beneath
    /// it, was interrupted (<c>EditUnfinished</c>).</exception>
    public static DiskImage Open(string path)
    {
        ImageLink link = ImageLink.Top(path);
        return OvaPath.Split(link.Path) is { } inside && OvaFile.TryOpen(inside.File) is { } ova
            ? OvaImage.Open(ova, inside.Member, Probe)
            : Open(link, Probe);
    }

    /// <summary>Opens an image whose format is known: the first sector of a raw disk is the guest's, and may say anything.</summary>
    internal static DiskImage OpenAs(string path, ImageFormat format) => OpenBacking(ImageLink.Top(path), format.QemuName());

    /// <summary>Opens a backing file.</summary>
    /// <param name="link">The file.</param>
    /// <param name="format">QEMU's name of its format, or null: probed as QEMU does. A named format is not second-guessed: a raw
    /// disk's first sector belongs to the guest, which could write another format's magic there.</param>
    internal static DiskImage OpenBacking(ImageLink link, string? format) => Open(link, format switch
    {
        null => Probe,
        "raw" or "file" or "host_device" => (file, _) => RawImage.Open(file),
        _ => (file, below) => ProbeNamed(file, below, format),
    });

    private static DiskImage Open(ImageLink link, Func<FileBlockDevice, ImageLink, DiskImage> read)
    {
        PendingEdit.Refuse(link.Path);
        FileBlockDevice file = new(link.Path);
        DiskImage? image = null;
        try
        {
            image = read(file, link);
            return image;
        }
        finally
        {
            if (image is null)
            {
                file.Dispose();
            }
        }
    }

    private static DiskImage ProbeNamed(FileBlockDevice file, ImageLink link, string format)
    {
        DiskImage image = Probe(file, link);
        string found = image.Format.QemuName();
        if (found == format)
        {
            return image;
        }

        image.Dispose();
        throw new DiskFormatException(
            "BackingFormatDiffers", $"backing file '{file.Path}'", 0, $"format '{format}' as the image above it says", found,
            "Correct the format's name: qemu-img rebase -u -F FORMAT -b FILE IMAGE");
    }

    private static DiskImage Probe(FileBlockDevice file, ImageLink link)
    {
        Span<byte> head = stackalloc byte[512];
        head = head[..(int)Math.Min(head.Length, file.Length)];
        file.Read(0, head);
        if (head.Length >= 8 && Be.U32(head, 0) == Qcow2Header.Magic && Be.U32(head, 4) > 1)
        {
            return Qcow2Image.Open(file, link);
        }

        if (head.Length >= 4 && Le.U32(head, 0) == SparseExtentHeader.Magic)
        {
            return VmdkImage.OpenEmbedded(file, link);
        }

        if (Starts(head, VmdkDescriptor.Signature))
        {
            return VmdkImage.OpenDescriptor(file, link);
        }

        if (head.Length >= 8 && (Le.U32(head, 0) == CowdExtent.Magic || Le.U64(head, 0) == SeSparseExtent.Magic))
        {
            throw LoneExtent.Refuse(file.Path);
        }

        if (Starts(head, "vhdxfile"))
        {
            return VhdxImage.Open(file, link);
        }

        if (head.Length >= VdiHeader.MagicOffset + 4 && Le.U32(head, VdiHeader.MagicOffset) == VdiHeader.Magic)
        {
            return VdiImage.Open(file);
        }

        if (TarHeader.IsFirst(head))
        {
            return OpenOva(file, link);
        }

        if (VhdFooter.Find(file) is { } footer)
        {
            return VhdImage.Open(file, footer, link);
        }

        RefuseKnown(file);
        RefuseText(file, head);
        RefuseBrokenOva(file);
        return LoneExtent.IsFlat(file.Path) ? throw LoneExtent.Refuse(file.Path) : RawImage.Open(file);
    }

    /// <summary>Only a file that the user named is looked into: QEMU takes an archive beneath an overlay as a raw disk.</summary>
    private static OvaImage OpenOva(FileBlockDevice file, ImageLink link)
    {
        OvaImage image = link.IsTop && File.Exists(link.Path)
            ? OvaImage.Open(OvaFile.Read(file), null, Probe)
            : throw new UnsupportedFeatureException("OvaInChain", "an archive inside another, or beneath another image", $"'{file.Path}'", OvaImage.Unpack);
        file.Dispose();
        return image;
    }

    /// <summary>With a byte of its magic changed, an archive looks like a raw disk.</summary>
    private static void RefuseBrokenOva(FileBlockDevice file)
    {
        if (file.Path.EndsWith(".ova", StringComparison.OrdinalIgnoreCase))
        {
            throw new DiskFormatException(
                "OvaDamaged", $"'{file.Path}'", 0, "a tar archive, as its name says", "no tar header", ImageRemedy.Damaged);
        }
    }

    private static void RefuseKnown(FileBlockDevice file)
    {
        Span<byte> bytes = stackalloc byte[LongestMagic];
        foreach (ImageSignature signature in ImageSignatures.NotRead)
        {
            long offset = signature.Offset < 0 ? file.Length + signature.Offset : signature.Offset;
            Span<byte> found = bytes[..signature.Magic.Length];
            if (offset < 0 || offset > file.Length - found.Length)
            {
                continue;
            }

            file.Read(offset, found);
            if (Starts(found, signature.Magic))
            {
                throw new UnsupportedFeatureException(signature.ErrorId, signature.Format, $"'{file.Path}'", signature.Remedy);
            }
        }
    }

    /// <summary>OVF, VMX, libvirt XML, a shell script: no first sector of a disk is printable text from end to end.</summary>
    private static void RefuseText(FileBlockDevice file, ReadOnlySpan<byte> head)
    {
        bool control = head.ContainsAnyInRange((byte)0x00, (byte)0x08) || head.ContainsAnyInRange((byte)0x0B, (byte)0x0C)
            || head.ContainsAnyInRange((byte)0x0E, (byte)0x1F) || head.Contains((byte)0x7F);
        if (head.Length < 4 || control)
        {
            return;
        }

        ReadOnlySpan<byte> text = head.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        string kind = text.StartsWith("<"u8) ? "an XML file (OVF, libvirt, VirtualBox)"
            : text.StartsWith(".encoding"u8) || text.StartsWith("config.version"u8) ? "a VMX file"
            : "a text file";
        throw new UnsupportedFeatureException(
            "TextIsNotADisk", $"{kind} in place of a disk", $"'{file.Path}'", "Name the disk image that it mentions; of a machine's description: Get-SourceMachine FILE | Get-WindowsLayout.");
    }

    private static bool Starts(ReadOnlySpan<byte> bytes, string latin1)
    {
        if (bytes.Length < latin1.Length)
        {
            return false;
        }

        for (int i = 0; i < latin1.Length; i++)
        {
            if (bytes[i] != latin1[i])
            {
                return false;
            }
        }

        return true;
    }
}
