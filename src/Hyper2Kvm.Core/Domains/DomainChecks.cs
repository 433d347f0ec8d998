using System.Globalization;
using System.Xml;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>Refuses what libvirt, QEMU or Windows would refuse later, and in fewer words.</summary>
internal static class DomainChecks
{
    // libvirt and QEMU make file names of it: "<name>.log", "domain-12-<name>".
    private const int NameLimit = 200;

    // IFNAMSIZ with its final zero, linux/if.h.
    private const int BridgeNameLimit = 15;

    /// <exception cref="GuestStateException">The request cannot become a domain.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DomainArchitecture</c>, <c>DomainDiskFormat</c>, <c>DomainSectorSize</c>.</exception>
    public static void Check(DomainRequest request, WindowsProfile profile)
    {
        Check(request.Identity);
        CheckPath(request.ImagePath, "disk");
        foreach (DomainDisk disk in request.DataDisks)
        {
            CheckPath(disk.Path, "data disk");
            CheckFormat(disk.Format, request.Identity.Name);
        }

        CheckPath(request.DriverIso, "driver ISO");
        CheckPath(request.DummyDiskPath, "dummy disk");
        CheckText(request.NetworkName, "DomainNetworkInvalid", "network name");
        foreach (DomainNetwork network in request.Networks.OfType<DomainNetwork>())
        {
            Check(network);
        }

        CheckSizes(request);
        CheckFirmware(request, profile);
        CheckDisk(request, profile);
    }

    public static void Check(DomainIdentity identity)
    {
        CheckText(identity.Name, "DomainNameInvalid", "domain name");
        if (identity.Name.Contains('/') || identity.Name.Contains('\\') || DomainIdentity.IsDeviceName(identity.Name) || identity.Name is "." or ".." || identity.Name.Length > NameLimit
            || identity.Name != identity.Name.Trim())
        {
            throw Refused(
                "DomainNameInvalid", identity.Name, $"'{identity.Name}' cannot be a domain name.",
                "Give a name of at most 200 characters without '/' and '\\', not '.' or '..' alone or a device such as CON, and without spaces at its ends.");
        }

        if (identity.Uuid == Guid.Empty)
        {
            throw Refused("DomainUuidInvalid", identity.Name, "The UUID is all zeros.", "Give another UUID, or none.");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string mac in identity.MacAddresses)
        {
            if (!seen.Add(NormalizedMac(mac)))
            {
                throw Refused("DomainMacInvalid", mac, $"The MAC address {mac} is given twice.", "Give each card its own.");
            }
        }
    }

    /// <summary>A bridge is a network interface of Linux, which has a short name without blanks, '/' and ':'.</summary>
    public static void Check(DomainNetwork network)
    {
        CheckText(network.Name, "DomainNetworkInvalid", network.IsBridge ? "bridge name" : "network name");
        if (network.IsBridge && (network.Name.Length > BridgeNameLimit || network.Name is "." or ".." || network.Name.Any(c => char.IsWhiteSpace(c) || c is '/' or ':')))
        {
            throw Refused(
                "DomainNetworkInvalid", network.Name, $"'{network.Name}' cannot be a bridge of a Linux host.",
                "Give a bridge such as br0, of at most 15 characters, or a libvirt network such as network:default.");
        }
    }

    /// <summary>Lower case with colons; dashes, as Windows writes them, and the other usual spellings are taken too.</summary>
    public static string NormalizedMac(string mac)
    {
        ArgumentNullException.ThrowIfNull(mac);
        return MacAddress.Normalize(mac)
            ?? throw Refused(
                "DomainMacInvalid", Printable(mac), $"'{Printable(mac)}' is not the MAC address of a network card.",
                "Give six hexadecimal pairs such as 52:54:00:12:34:56; the first must be even.");
    }

    private static void CheckSizes(DomainRequest request)
    {
        if (request.MemoryMiB is < 64 or > 16 * 1024 * 1024)
        {
            throw Refused(
                "DomainMemoryInvalid", request.Identity.Name,
                string.Create(CultureInfo.InvariantCulture, $"{request.MemoryMiB} MiB of memory cannot be given to a guest."),
                "Give between 64 and 16777216 MiB.");
        }

        if (request.Sockets is < 1 or > 256 || request.Cores is < 1 or > 256 || request.Sockets * request.Cores > 1024)
        {
            throw Refused(
                "DomainCpusInvalid", request.Identity.Name,
                string.Create(CultureInfo.InvariantCulture, $"{request.Sockets} sockets of {request.Cores} cores are not possible."),
                "Give 1 to 256 of each and at most 1024 processors in all.");
        }
    }

    private static void CheckFirmware(DomainRequest request, WindowsProfile profile)
    {
        WindowsLayout layout = request.Layout;
        if (layout.Windows.Architecture == GuestArchitecture.Arm64)
        {
            throw new UnsupportedFeatureException(
                "DomainArchitecture", "a domain for ARM64 Windows", request.Identity.Name, "Write its domain by hand.");
        }

        if (layout.Firmware == FirmwareMode.Uefi && profile.IsNt5)
        {
            throw Refused(
                "DomainFirmwareMismatch", request.Identity.Name, $"{layout.Windows.ProductName} cannot start from UEFI.",
                "Check that the layout's firmware is right.");
        }

        if (request.SecureBoot && layout.Firmware == FirmwareMode.Bios)
        {
            throw Refused(
                "DomainSecureBootNeedsUefi", request.Identity.Name, "The guest starts from BIOS, which has no Secure Boot.",
                "Ask for no Secure Boot; a migration keeps the firmware mode.");
        }
    }

    private static void CheckDisk(DomainRequest request, WindowsProfile profile)
    {
        CheckFormat(request.DiskFormat, request.Identity.Name);
        if (request.Bus == StorageBus.VirtioScsi && profile.IsNt5)
        {
            throw Refused(
                "DomainBusWithoutDriver", request.Identity.Name,
                $"{request.Layout.Windows.ProductName} has no virtio-scsi driver.", "Choose the bus VirtioBlk.");
        }

        if (request.Phase == DomainPhase.Bootstrap && request.Layout.SectorSize != 512)
        {
            throw new UnsupportedFeatureException(
                "DomainSectorSize",
                string.Create(CultureInfo.InvariantCulture, $"a SATA disk with sectors of {request.Layout.SectorSize} bytes"),
                request.Identity.Name,
                "Prepare the guest for VirtIO and start with the final domain at once.");
        }
    }

    private static void CheckFormat(string format, string domain)
    {
        if (format is not ("qcow2" or "raw" or "vmdk" or "vpc" or "vdi"))
        {
            throw new UnsupportedFeatureException(
                "DomainDiskFormat", $"a disk in the format '{Printable(format)}'", domain, "Convert it to qcow2 or raw: Convert-DiskImage.");
        }
    }

    /// <summary>The path is one of the KVM host, which need not be the machine this runs on.</summary>
    private static void CheckPath(string? path, string what)
    {
        if (path is null)
        {
            return;
        }

        CheckText(path, "DomainPathInvalid", $"path of the {what}");
        if (path[0] != '/' || path.EndsWith('/'))
        {
            throw Refused(
                "DomainPathInvalid", path, $"The path of the {what}, '{path}', is not an absolute path of a file on a KVM host.",
                "Give the path as the KVM host sees it, for example /var/lib/libvirt/images/server.qcow2.");
        }
    }

    private static void CheckText(string text, string errorId, string what)
    {
        bool isGood = !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);
        for (int i = 0; isGood && i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            isGood = isPair || XmlConvert.IsXmlChar(text[i]);
            i += isPair ? 1 : 0;
        }

        if (!isGood)
        {
            throw Refused(
                errorId, Printable(text ?? ""), $"'{Printable(text ?? "")}' cannot be a {what}.",
                "Give one that is not empty and has no control characters.");
        }
    }

    private static GuestStateException Refused(string errorId, string subject, string message, string remedy) =>
        new(errorId, subject, message, remedy);

    private static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:X4}" : c.ToString()));
}
