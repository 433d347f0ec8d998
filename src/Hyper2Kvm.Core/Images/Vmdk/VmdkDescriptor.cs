using System.Globalization;
using System.Text;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", "The Descriptor File": lines of key=value, values with or without quotes, and extent lines
//   ACCESS SECTORS TYPE "file name" [OFFSET], ACCESS one of RW, RDONLY, NOACCESS.

/// <summary>The text that says what a VMDK is made of.</summary>
internal sealed record VmdkDescriptor
{
    public const string Signature = "# Disk DescriptorFile";

    /// <summary>VMware's are below 2 KiB, with a change history of an appliance some 20 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string NoParent = "ffffffff";

    public required string CreateType { get; init; }

    /// <summary>Where the disk beneath this one is, when this is a snapshot; else null.</summary>
    public string? Parent { get; private init; }

    /// <summary>Sectors of each extent.</summary>
    public required IReadOnlyList<long> ExtentSectors { get; init; }

    /// <param name="bytes">The text, padded with NUL or not.</param>
    /// <param name="path">The file it comes from, for messages.</param>
    /// <exception cref="DiskFormatException">Not a descriptor, or one without its necessary lines.</exception>
    /// <exception cref="UnsupportedFeatureException">The disk is encrypted.</exception>
    public static VmdkDescriptor Read(ReadOnlySpan<byte> bytes, string path)
    {
        int end = bytes.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        List<long> extents = [];
        foreach (ReadOnlySpan<char> rawLine in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = rawLine.Trim();
            int equals = line.IndexOf('=');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (IsExtent(line))
            {
                extents.Add(Sectors(line, path));
            }
            else if (equals > 0)
            {
                values[line[..equals].Trim().ToString()] = line[(equals + 1)..].Trim().Trim('"').ToString();
            }
        }

        return Build(text, values, extents, path);
    }

    private static VmdkDescriptor Build(string text, Dictionary<string, string> values, List<long> extents, string path)
    {
        if (values.ContainsKey("encryption.keySafe") || values.ContainsKey("keyID") || values.ContainsKey("ddb.iofilters.keyID"))
        {
            throw new UnsupportedFeatureException(
                "VmdkEncrypted", "VMDK encryption", $"'{path}'", "Decrypt the virtual machine in VMware first.");
        }

        if (!text.StartsWith(Signature, StringComparison.Ordinal) || !values.TryGetValue("createType", out string? type))
        {
            throw Damaged(path, $"'{Signature}' and a createType", "neither or only one of them");
        }

        string? hint = values.GetValueOrDefault("parentFileNameHint");
        bool child = !values.GetValueOrDefault("parentCID", NoParent).Equals(NoParent, StringComparison.OrdinalIgnoreCase);
        return new VmdkDescriptor
        {
            CreateType = type,
            Parent = hint ?? (child ? "not named" : null),
            ExtentSectors = extents,
        };
    }

    private static bool IsExtent(ReadOnlySpan<char> line) =>
        line.StartsWith("RW ", StringComparison.Ordinal)
        || line.StartsWith("RDONLY ", StringComparison.Ordinal)
        || line.StartsWith("NOACCESS ", StringComparison.Ordinal);

    private static long Sectors(ReadOnlySpan<char> line, string path)
    {
        ReadOnlySpan<char> rest = line[(line.IndexOf(' ') + 1)..].TrimStart();
        int space = rest.IndexOf(' ');
        return space > 0 && long.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out long sectors)
            ? sectors
            : throw Damaged(path, "an extent line with a number of sectors", $"'{line}'");
    }

    private static DiskFormatException Damaged(string path, string expected, string actual) => new(
        "VmdkDescriptorDamaged", $"VMDK descriptor of '{path}'", 0, expected, actual, ImageRemedy.Damaged);
}
