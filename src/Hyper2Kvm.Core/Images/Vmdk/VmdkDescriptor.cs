using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", "The Descriptor File": lines of key=value, values with or without quotes, and extent lines.
//   CID        changes with the content; hexadecimal
//   parentCID  CID of the disk beneath when this snapshot was taken; ffffffff: not a snapshot
//   createType, parentFileNameHint, encoding

/// <summary>The text that says what a VMDK is made of.</summary>
internal sealed record VmdkDescriptor
{
    public const string Signature = "# Disk DescriptorFile";

    /// <summary>VMware's are below 2 KiB, with a change history of an appliance some 20 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>8 TiB, the most that VMware makes, in pieces of 2 GiB is half of that.</summary>
    private const int MaxExtents = 8192;

    private const uint NoParent = uint.MaxValue;

    public required string CreateType { get; init; }

    /// <summary>Null where it is not said.</summary>
    public uint? ContentId { get; private init; }

    /// <summary>Where the disk beneath this one is, when this is a snapshot; else null.</summary>
    public string? ParentFile { get; private init; }

    /// <summary>What <see cref="ContentId"/> the disk beneath has to have.</summary>
    public uint ParentContentId { get; private init; }

    /// <summary>In the order of the disk.</summary>
    public required IReadOnlyList<VmdkExtentLine> Extents { get; init; }

    /// <summary>QEMU finds the values by searching for the key, <c>="</c> and the end of the quotation, and takes names as bytes.</summary>
    public required bool IsForQemu { get; init; }

    /// <param name="bytes">The text, padded with NUL or not.</param>
    /// <param name="path">The file it comes from, for messages.</param>
    /// <param name="isEmbedded">An extent's header says that it is here: vmdktool begins those with a comment of its own.</param>
    /// <exception cref="DiskFormatException">Not a descriptor, or one without its necessary lines.</exception>
    /// <exception cref="UnsupportedFeatureException">The disk is encrypted, or has an extent that is not read.</exception>
    public static VmdkDescriptor Read(ReadOnlySpan<byte> bytes, string path, bool isEmbedded = false)
    {
        int end = bytes.IndexOf((byte)0);
        bytes = end < 0 ? bytes : bytes[..end];
        bool isUtf8 = Utf8.IsValid(bytes);
        string text = isUtf8 ? Encoding.UTF8.GetString(bytes) : DecodeOlder(bytes);
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        List<string> extents = [];
        foreach (ReadOnlySpan<char> rawLine in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = rawLine.Trim();
            int equals = line.IndexOf('=');
            if (line.ContainsAnyInRange('\u0001', '\u0008') || line.ContainsAnyInRange('\u000B', '\u001F') || VmdkExtentLine.HidesIn(Comment(line)))
            {
                throw Damaged(path, "lines of text", $"'{line}'");
            }

            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (VmdkExtentLine.Begins(line))
            {
                extents.Add(line.ToString());
            }
            else if (equals > 0)
            {
                values.TryAdd(line[..equals].Trim().ToString(), line[(equals + 1)..].Trim().Trim('"').ToString());
            }
        }

        return isEmbedded || text.StartsWith(Signature, StringComparison.Ordinal)
            ? Build(text, isUtf8, values, extents, path)
            : throw Damaged(path, $"'{Signature}' at its start", "another text");
    }

    public static DiskFormatException Damaged(string path, string expected, string actual) => new(
        "VmdkDescriptorDamaged", $"VMDK descriptor of '{path}'", 0, expected, actual, ImageRemedy.Damaged);

    private static VmdkDescriptor Build(string text, bool isUtf8, Dictionary<string, string> values, List<string> extents, string path)
    {
        if (values.ContainsKey("encryption.keySafe") || values.ContainsKey("keyID") || values.ContainsKey("ddb.iofilters.keyID"))
        {
            throw new UnsupportedFeatureException(
                "VmdkEncrypted", "VMDK encryption", $"'{path}'", "Decrypt the virtual machine in VMware first.");
        }

        if (!values.TryGetValue("createType", out string? type))
        {
            throw Damaged(path, "a createType", "none");
        }

        uint parentId = ContentIdOf(values, "parentCID", path) ?? NoParent;
        string? parent = values.GetValueOrDefault("parentFileNameHint") is { Length: > 0 } hint ? hint : null;
        if ((parent is null) != (parentId == NoParent))
        {
            throw Damaged(
                path, "both a parentCID and a parentFileNameHint, or neither",
                parent is null ? $"parentCID {parentId:x8} and no parentFileNameHint" : $"parentFileNameHint '{parent}' and no parentCID");
        }

        return new VmdkDescriptor
        {
            CreateType = type,
            ContentId = ContentIdOf(values, "CID", path),
            ParentFile = parent,
            ParentContentId = parentId,
            Extents = ReadExtents(extents, path),
            IsForQemu = isUtf8 && text.Contains($"createType=\"{type}\"", StringComparison.Ordinal)
                && (parent is null || text.Contains($"parentFileNameHint=\"{parent}\"", StringComparison.Ordinal)),
        };
    }

    private static VmdkExtentLine[] ReadExtents(List<string> lines, string path)
    {
        if (lines.Count is 0 or > MaxExtents)
        {
            throw Damaged(path, $"1 to {MaxExtents} extents", $"{lines.Count}");
        }

        VmdkExtentLine[] extents = new VmdkExtentLine[lines.Count];
        long total = 0;
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = VmdkExtentLine.Read(lines[i], path);
            total += extents[i].Sectors;
            if (total > SparseExtentHeader.MaxSector)
            {
                throw Damaged(path, $"at most {SparseExtentHeader.MaxSector} sectors", $"{total}");
            }
        }

        return extents;
    }

    private static uint? ContentIdOf(Dictionary<string, string> values, string key, string path)
    {
        if (!values.TryGetValue(key, out string? text))
        {
            return null;
        }

        return uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id)
            ? id
            : throw Damaged(path, $"a {key} in hexadecimal", $"'{text}'");
    }

    private static ReadOnlySpan<char> Comment(ReadOnlySpan<char> line) => line.StartsWith("#") ? line : default;

    /// <summary>Newer versions write UTF-8, older ones the code page that the line <c>encoding=</c> names.</summary>
    private static string DecodeOlder(ReadOnlySpan<byte> bytes)
    {
        bool isJapanese = bytes.IndexOf("encoding=\"Shift_JIS\""u8) >= 0 || bytes.IndexOf("encoding=\"windows-932\""u8) >= 0;
        return CodePagesEncodingProvider.Instance.GetEncoding(isJapanese ? 932 : 1252)!.GetString(bytes);
    }
}
