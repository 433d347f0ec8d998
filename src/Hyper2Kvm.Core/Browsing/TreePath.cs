namespace Hyper2Kvm.Browsing;

/// <summary>Paths as PowerShell hands them over: either slash may stand between the parts.</summary>
internal static class TreePath
{
    private static readonly char[] s_separators = ['\\', '/'];

    public static string[] Parts(string path) => path.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
}
