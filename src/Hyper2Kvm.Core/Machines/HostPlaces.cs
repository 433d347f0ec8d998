using System.Text.RegularExpressions;

namespace Hyper2Kvm.Machines;

/// <summary>Finds the images that a description names, which was written on another host.</summary>
internal static partial class HostPlaces
{
    /// <summary>The image beside its description.</summary>
    /// <param name="folder">The description's.</param>
    /// <param name="written">A file's path in the words of VMware, Windows or Unix: absolute, relative, or <c>[datastore] folder/file</c>.</param>
    /// <returns>Full path of a file that is there, or null.</returns>
    public static string? Find(string folder, string written)
    {
        string path = written;
        if (Datastore().Match(written) is { Success: true } match)
        {
            path = match.Groups["path"].Value;
        }
        else if (Existing(folder, written) is { } exact)
        {
            return exact;
        }

        string[] parts = path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return null;
        }

        // Datastores have a folder for each machine; copies keep it, or drop it.
        return Existing(folder, parts[^1])
            ?? (parts.Length < 2 ? null : Existing(folder, Path.Combine(parts[^2], parts[^1])) ?? Existing(folder, Path.Combine("..", parts[^2], parts[^1])));
    }

    /// <summary>A reference of an OVF, which is a relative URI and must not lead out of the OVF's folder.</summary>
    public static string? FindWithin(string folder, string href)
    {
        foreach (string name in (string[])[href, Uri.UnescapeDataString(href)])
        {
            bool isPlain = !Path.IsPathRooted(name) && Array.TrueForAll(name.Split('/'), part => part is not (".." or "") && !part.AsSpan().ContainsAny('\\', ':', '\0'));
            if (isPlain && Existing(folder, name) is { } path)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The text is VMware's for a file on a datastore.</summary>
    public static bool IsOnDatastore(string written) =>
        Datastore().IsMatch(written) || written.StartsWith("/vmfs/", StringComparison.Ordinal) || written.StartsWith("ds:///", StringComparison.Ordinal);

    private static string? Existing(string folder, string name)
    {
        if (name.Length is 0 or > 4096 || name.Contains('\0'))
        {
            return null;
        }

        string path = Path.GetFullPath(OperatingSystem.IsWindows() ? name : name.Replace('\\', '/'), folder);
        return File.Exists(path) ? path : null;
    }

    [GeneratedRegex(@"^\s*\[[^\]\\/]+\]\s*(?<path>\S.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Datastore();
}
