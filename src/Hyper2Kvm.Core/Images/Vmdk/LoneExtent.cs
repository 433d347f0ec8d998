using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

/// <summary>A user named a part of a VMDK in place of its descriptor: it is refused, and the descriptor is named.</summary>
internal static partial class LoneExtent
{
    private const string Lost =
        " If it is lost: a -flat file is the raw disk, and is read as one under a name without -flat; snapshots of it need their descriptors.";

    /// <summary>A flat extent has no magic: nothing but the name tells it from a raw disk.</summary>
    public static bool IsFlat(string path) => Suffix().Match(path) is { Success: true } match && match.Groups[1].Value[0] is 'f' or 'F';

    public static UnsupportedFeatureException Refuse(string path)
    {
        string? descriptor = Suffix().IsMatch(path) ? Suffix().Replace(path, ".vmdk") : null;
        string remedy = descriptor is not null && IsDescriptor(descriptor)
            ? $"Name its descriptor: '{descriptor}'."
            : "Name the descriptor file, the small text file without -s001, -flat, -delta or -sesparse in its name."
                + (IsFlat(path) ? Lost : "");
        return new UnsupportedFeatureException("VmdkExtentAlone", "a single extent of a VMDK made of several files", $"'{path}'", remedy);
    }

    private static bool IsDescriptor(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileBlockDevice file = new(path);
        Span<byte> head = stackalloc byte[VmdkDescriptor.Signature.Length];
        if (file.Length < head.Length)
        {
            return false;
        }

        file.Read(0, head);
        return Encoding.Latin1.GetString(head) == VmdkDescriptor.Signature;
    }

    [GeneratedRegex(@"-(flat|delta|sesparse|[sf]\d{3,})\.vmdk$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Suffix();
}
