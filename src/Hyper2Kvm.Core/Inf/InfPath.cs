using System.Buffers;

namespace Hyper2Kvm.Inf;

/// <summary>Names and paths out of an INF. They end up as paths in a guest, so nothing may lead elsewhere.</summary>
internal static class InfPath
{
    private const int MaximumLength = 200;

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("\\/:*?\"<>|");

    /// <summary>A file name: no directory, no drive, no stream.</summary>
    /// <exception cref="Diagnostics.DiskFormatException"><c>InfPathInvalid</c>.</exception>
    public static string FileName(InfFile inf, InfLine line, string text)
    {
        string name = inf.Resolve(text);
        return IsName(name) ? name : throw inf.Invalid(line, "a file name without a path", name, "InfPathInvalid");
    }

    /// <summary>A relative path with backslashes and nothing at its ends, possibly empty. A leading backslash is allowed: INFs write it
    /// for the root of their source.</summary>
    /// <exception cref="Diagnostics.DiskFormatException"><c>InfPathInvalid</c>.</exception>
    public static string Relative(InfFile inf, InfLine line, string text)
    {
        string path = inf.Resolve(text).Replace('/', '\\');
        string[] parts = path.Split('\\');
        int first = parts[0] is "" or "." ? 1 : 0;
        int last = parts.Length > first && parts[^1].Length == 0 ? parts.Length - 1 : parts.Length;
        for (int i = first; i < last; i++)
        {
            if (!IsName(parts[i]))
            {
                throw inf.Invalid(line, "a relative path", path, "InfPathInvalid");
            }
        }

        return first >= last ? "" : string.Join('\\', parts, first, last - first);
    }

    private static bool IsName(string name)
    {
        bool valid = name.Length is > 0 and <= MaximumLength && name is not ("." or "..")
            && !name.AsSpan().ContainsAny(s_forbidden) && name[^1] is not ('.' or ' ');
        foreach (char c in name)
        {
            valid &= c >= ' ';
        }

        return valid;
    }
}
