using System.Xml.Linq;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.Machines;

/// <summary>Reads a machine's description, whatever wrote it: by its bytes, never by its file name.</summary>
public static class MachineReader
{
    /// <summary>Hyper-V's binary configuration (HyperVStorage), VMCX and VMRS.</summary>
    private const uint VmcxMagic = 0x01282014;

    private const string HyperVRemedy =
        "Pass the machine itself: Get-VM NAME | Get-SourceMachine; of an export: Import-VM or Compare-VM first. Or give the facts by hand.";

    /// <summary>The machines that a file describes: one, but for an OVF of several.</summary>
    /// <param name="path">Full path of an OVA, OVF, VMX or libvirt domain XML, or of a folder with one of them.</param>
    /// <exception cref="UnsupportedFeatureException"><c>VmcxNotSupported</c>, <c>HyperVXmlNotSupported</c>, <c>VirtualBoxNotSupported</c>,
    /// <c>MachineDescriptionUnknown</c>, or what the reader of the kind refuses.</exception>
    /// <exception cref="DiskFormatException"><c>MachineDescriptionDamaged</c>, <c>MachineDescriptionTooLarge</c>, or a damaged OVA.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>MachineDescriptionMissing</c>.</exception>
    public static IReadOnlyList<SourceMachine> Read(string path)
    {
        string file = Directory.Exists(path) ? InFolder(path) : path;
        if (OvaFile.TryOpen(file) is { } ova)
        {
            return OfOva(ova) ?? throw new GuestItemNotFoundException(
                "MachineDescriptionMissing", file, $"'{file}' is an archive without an OVF.", "Name the disk image, and give the facts by hand.");
        }

        using FileBlockDevice device = new(file);
        RefuseBinary(device);
        DescriptionFile description = DescriptionFile.Read(device, file);
        if (VmxFile.IsVmx(description.Bytes))
        {
            return [VmxReader.Read(description)];
        }

        return IsXml(description.Bytes) ? OfXml(description, description.Xml()) : throw Unknown(file, "it is neither XML nor a VMX file");
    }

    /// <summary>The one machine in an OVA; null when the file is none, has no description, or describes several.</summary>
    /// <param name="path">Full path of any image.</param>
    public static SourceMachine? FindInOva(string path) =>
        File.Exists(path) && OvaFile.TryOpen(path) is { } ova && OfOva(ova) is [var machine] ? machine : null;

    private static IReadOnlyList<SourceMachine>? OfOva(OvaFile ova)
    {
        foreach (TarMember member in ova.Members)
        {
            if (member.Extension == ".ovf")
            {
                using FileBlockDevice device = ova.Open(member);
                DescriptionFile description = DescriptionFile.Read(device, ova.FilePath);
                int slash = member.Name.LastIndexOf('/');
                string folder = member.Name[..(slash + 1)];
                return OvfReader.Read(description, description.Xml(), href => FindMember(ova, folder, href));
            }
        }

        return null;
    }

    private static string? FindMember(OvaFile ova, string folder, string href) =>
        (ova.Find(folder + href) ?? ova.Find(folder + Uri.UnescapeDataString(href))) is { } member ? ova.PathOf(member) : null;

    private static IReadOnlyList<SourceMachine> OfXml(DescriptionFile description, XElement root) => root.Name.LocalName switch
    {
        "Envelope" => OvfReader.Read(
            description, root, href => HostPlaces.FindWithin(Path.GetDirectoryName(description.Path)!, href)),
        "domain" => [LibvirtReader.Read(description, root)],
        "domainsnapshot" when root.Child("domain") is { } domain => [LibvirtReader.Read(description, domain)],
        "configuration" => throw new UnsupportedFeatureException(
            "HyperVXmlNotSupported", "the XML configuration of Hyper-V 2012 R2 and before", $"'{description.Path}'", HyperVRemedy),
        "VirtualBox" => throw new UnsupportedFeatureException(
            "VirtualBoxNotSupported", "a VirtualBox machine file", $"'{description.Path}'", "Export the machine: VBoxManage export NAME -o NAME.ova"),
        _ => throw Unknown(description.Path, $"its root element is '{root.Name.LocalName}'"),
    };

    private static void RefuseBinary(FileBlockDevice device)
    {
        Span<byte> head = stackalloc byte[4];
        if (device.Length >= head.Length)
        {
            device.Read(0, head);
            if (Le.U32(head, 0) == VmcxMagic)
            {
                throw new UnsupportedFeatureException("VmcxNotSupported", "Hyper-V's binary configuration (VMCX)", $"'{device.Path}'", HyperVRemedy);
            }

            if (!IsXml(head) && head.ContainsAnyInRange((byte)0, (byte)8))
            {
                throw Unknown(device.Path, "it is binary");
            }
        }
    }

    /// <summary>UTF-8 or UTF-16, with or without a byte order mark and blanks before the first angle bracket.</summary>
    private static bool IsXml(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        return text.StartsWith("<"u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, (byte)'<', 0]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF, 0, (byte)'<']);
    }

    private static string InFolder(string folder)
    {
        foreach (string extension in (string[])[".ovf", ".vmx"])
        {
            string[] files = [.. Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file).Equals(extension, StringComparison.OrdinalIgnoreCase))];
            if (files.Length == 1)
            {
                return files[0];
            }

            if (files.Length > 1)
            {
                throw new GuestStateException(
                    "SeveralMachines", folder, $"'{folder}' holds {files.Length} descriptions: {string.Join(", ", files.Select(file => Path.GetFileName(file)))}.",
                    "Name the one that is meant.");
            }
        }

        throw new GuestItemNotFoundException("MachineDescriptionMissing", folder, $"The folder '{folder}' has no .ovf or .vmx file.");
    }

    private static UnsupportedFeatureException Unknown(string path, string why) => new(
        "MachineDescriptionUnknown", $"a machine's description that is neither OVA, OVF, VMX nor a libvirt domain ({why})", $"'{path}'",
        "Name such a file, pass an object of Get-VM, or give the facts by hand.");
}
