using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>What makes a virtual machine that very machine, to libvirt and to Windows: equal in both phases and in every run.</summary>
/// <remarks>Windows keys its hardware configuration to the SMBIOS UUID and its network settings to the card, so a UUID or an address that
/// changed between the two boots would undo the first one.</remarks>
/// <param name="Name">Domain name.</param>
/// <param name="Uuid">Domain and SMBIOS UUID.</param>
/// <param name="MacAddresses">One for each network card, <c>52:54:00:12:34:56</c>; empty for a machine without network.</param>
public sealed record DomainIdentity(string Name, Guid Uuid, IReadOnlyList<string> MacAddresses)
{
    private const int NameLimit = 60;

    private static readonly HashSet<string> s_devices = new(["CON", "PRN", "AUX", "NUL"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The identity of the machine that a disk belongs to. What is not given is derived from the disk id (GPT GUID or MBR
    /// signature) and the guest's host name.</summary>
    /// <param name="layout">The guest.</param>
    /// <param name="name">Or null: the host name, else the image's file name.</param>
    /// <param name="uuid">Or null; the source machine's SMBIOS UUID is best.</param>
    /// <param name="macAddresses">Or null: one card. The source machine's addresses are best.</param>
    /// <exception cref="GuestStateException"><c>DomainNameInvalid</c>, <c>DomainUuidInvalid</c>, <c>DomainMacInvalid</c>.</exception>
    public static DomainIdentity From(
        WindowsLayout layout, string? name = null, Guid? uuid = null, IReadOnlyList<string>? macAddresses = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(Seed(layout)));
        DomainIdentity identity = new(
            name ?? NameFrom(layout),
            uuid ?? UuidFrom(hash),
            macAddresses is null ? [DerivedMac(layout, 0)] : [.. macAddresses.Select(DomainChecks.NormalizedMac)]);
        DomainChecks.Check(identity);
        return identity;
    }

    /// <summary>An address for a card whose own is not known: of the disk's identity, so always the same.</summary>
    /// <param name="layout">The guest.</param>
    /// <param name="index">Of the card, from 0.</param>
    public static string DerivedMac(WindowsLayout layout, int index)
    {
        ArgumentNullException.ThrowIfNull(layout);
        string seed = Seed(layout) + (index == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"\ncard {index}"));
        int tail = BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(16)) & 0xFFFFFF;
        return string.Create(CultureInfo.InvariantCulture, $"52:54:00:{tail >> 16:x2}:{(tail >> 8) & 0xFF:x2}:{tail & 0xFF:x2}");
    }

    public override string ToString() => Name;

    private static string Seed(WindowsLayout layout)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string disk = layout.DiskId?.ToString("D", plain) ?? layout.DiskSignature?.ToString("X8", plain) ?? layout.VirtualSize.ToString(plain);
        return $"Hyper2Kvm domain\n{disk}\n{layout.HostName.ToUpperInvariant()}";
    }

    /// <summary>RFC 9562, version 8: custom bits, with the version and the variant in their places.</summary>
    private static Guid UuidFrom(byte[] hash)
    {
        byte[] bytes = hash[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The guest's own words are somebody else's: only plain characters pass.</summary>
    private static string NameFrom(WindowsLayout layout)
    {
        string wanted = layout.HostName.Length > 0 ? layout.HostName : Path.GetFileNameWithoutExtension(layout.ImagePath);
        string plain = new([.. wanted.Take(NameLimit).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
        plain = plain.Trim('-', '.');
        return plain.Length == 0 ? "windows" : IsDeviceName(plain) ? $"windows-{plain}" : plain;
    }

    /// <summary>The name is made into file names, and Windows takes CON.x for the console.</summary>
    internal static bool IsDeviceName(string name)
    {
        string stem = name.Split('.')[0].TrimEnd();
        return s_devices.Contains(stem)
            || (stem.Length == 4 && char.IsAsciiDigit(stem[3])
                && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)));
    }
}
