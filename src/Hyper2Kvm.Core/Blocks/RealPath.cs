namespace Hyper2Kvm.Blocks;

/// <summary>The one name that a host file has behind all links.</summary>
internal static class RealPath
{
    private const int MaximumLinks = 40;

    /// <summary>The path with every link in it followed, as realpath(3) does; what is not there stays as it is.</summary>
    /// <param name="path">A full path.</param>
    /// <returns>Null when the path leads through more than 40 links.</returns>
    public static string? Of(string path)
    {
        string real = Path.GetPathRoot(path)!;
        Stack<string> parts = [];
        Push(parts, Path.GetRelativePath(real, path));
        int links = 0;
        while (parts.TryPop(out string? part))
        {
            string next = Path.GetFullPath(Path.Combine(real, part));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            Push(parts, target[(Path.GetPathRoot(target)?.Length ?? 0)..]);
        }

        return real;
    }

    /// <summary>Both names may mean one file. Case is ignored on every host: a share may ignore it where the host does not.</summary>
    public static bool MayBeSame(string one, string other) =>
        Of(one) is not { } first || Of(other) is not { } second || first.Equals(second, StringComparison.OrdinalIgnoreCase);

    private static void Push(Stack<string> parts, string path)
    {
        string[] names = path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = names.Length - 1; i >= 0; i--)
        {
            parts.Push(names[i]);
        }
    }
}
