namespace Hyper2Kvm.Browsing;

/// <summary>Paths as PowerShell hands them over: either slash may stand between the parts.</summary>
internal static class TreePath
{
    private static readonly char[] s_separators = ['\\', '/'];

    public static string[] Parts(string path) => path.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As <see cref="Parts"/>, but what slashes in a row stand for is kept: a key's name may hold them.</summary>
    public static string[] PartsOfKey(string path) => path.Trim(s_separators) is { Length: > 0 } trimmed ? trimmed.Split(s_separators) : [];
}
