using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0", "The Extent Description":
//   ACCESS SECTORS TYPE ["file name" [OFFSET]], ACCESS one of RW, RDONLY, NOACCESS; OFFSET in sectors, for FLAT and VMFS.

/// <summary>One extent as the descriptor tells of it.</summary>
/// <param name="Sectors">That it adds to the disk.</param>
/// <param name="Type">FLAT, VMFS, SPARSE, VMFSSPARSE, SESPARSE or ZERO.</param>
/// <param name="FileName">As written; null for ZERO.</param>
/// <param name="Offset">First sector in the file, 0 except for FLAT and VMFS.</param>
/// <param name="IsForQemu">QEMU reads the line too: it passes over RDONLY and ZERO, and refuses an offset of VMFS.</param>
internal readonly record struct VmdkExtentLine(long Sectors, string Type, string? FileName, long Offset, bool IsForQemu)
{
    public const string Flat = "FLAT";
    public const string Vmfs = "VMFS";
    public const string Sparse = "SPARSE";
    public const string VmfsSparse = "VMFSSPARSE";
    public const string SeSparse = "SESPARSE";
    public const string Zero = "ZERO";

    private const int QemuNameLength = 511;

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>The bytes are where the file has them, without tables.</summary>
    public bool IsFlat => Type is Flat or Vmfs;

    /// <summary>The line begins as an extent does, with an access or a number behind it; <see cref="Read"/> is strict. To take a damaged
    /// line for none would move all that follows.</summary>
    public static bool Begins(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> rest = line;
        ReadOnlySpan<char> access = Word(ref rest);
        return access.StartsWith("RW") || access.StartsWith("RDONLY") || (Word(ref rest) is { Length: > 0 } number && !number.ContainsAnyExceptInRange('0', '9'));
    }

    /// <summary>An extent's line is hidden in a comment behind other words: the end of the comment's line was lost.</summary>
    public static bool HidesIn(ReadOnlySpan<char> comment) =>
        comment.Contains('"') && comment.Contains("RW ", StringComparison.Ordinal)
        && !comment.TrimStart("# \t").StartsWith("RW ", StringComparison.Ordinal);

    /// <exception cref="DiskFormatException"><c>VmdkDescriptorDamaged</c></exception>
    /// <exception cref="UnsupportedFeatureException"><c>VmdkTypeNotSupported</c></exception>
    public static VmdkExtentLine Read(string line, string path)
    {
        ReadOnlySpan<char> rest = line;
        ReadOnlySpan<char> access = Word(ref rest);
        Require(IsAccess(access) || access is "NOACCESS", line, path);
        bool isNumber = long.TryParse(Word(ref rest), NumberStyles.None, CultureInfo.InvariantCulture, out long sectors);
        Require(isNumber && sectors is > 0 and <= SparseExtentHeader.MaxSector, line, path);
        string type = Word(ref rest).ToString();
        if (access is "NOACCESS" || type is not (Flat or Vmfs or Sparse or VmfsSparse or SeSparse or Zero))
        {
            throw new UnsupportedFeatureException(
                "VmdkTypeNotSupported", $"a VMDK extent of type '{access} {type}'", $"'{path}'", ImageRemedy.Convert);
        }

        if (type == Zero)
        {
            Require(rest.IsEmpty, line, path);
            return new VmdkExtentLine(sectors, type, null, 0, IsForQemu: false);
        }

        int last = rest.LastIndexOf('"');
        Require(last > 1 && rest[0] == '"', line, path);
        ReadOnlySpan<char> name = rest[1..last];
        ReadOnlySpan<char> offset = rest[(last + 1)..].Trim();
        bool isForQemu = access is "RW" && (type != Vmfs || offset.IsEmpty) && !name.Contains('"') && name.Length <= QemuNameLength;
        return new VmdkExtentLine(sectors, type, name.ToString(), ReadOffset(type, offset, line, path), isForQemu);
    }

    private static long ReadOffset(string type, ReadOnlySpan<char> text, string line, string path)
    {
        if (text.IsEmpty)
        {
            Require(type != Flat, line, path);
            return 0;
        }

        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset);
        Require(type is Flat or Vmfs && isNumber && offset <= SparseExtentHeader.MaxSector, line, path);
        return offset;
    }

    private static bool IsAccess(ReadOnlySpan<char> word) => word is "RW" or "RDONLY";

    /// <summary>Takes the first word and the blanks after it.</summary>
    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny(s_blanks);
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[end..].TrimStart(s_blanks);
        return word;
    }

    private static void Require(bool condition, string line, string path)
    {
        if (!condition)
        {
            throw VmdkDescriptor.Damaged(path, "an extent line: access, sectors, type, \"file name\", offset", $"'{line}'");
        }
    }
}
