using System.Buffers;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Turns a driver service's ImagePath into a path on the Windows volume.</summary>
internal static class ServiceImage
{
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(":*?\"<>|\0");
    private static readonly string[] s_rootPrefixes = [@"\SystemRoot\", @"%SystemRoot%\", @"SystemRoot\"];

    /// <summary>The driver file of a service is there; a service without ImagePath means <c>System32\drivers\name.sys</c>.</summary>
    public static bool Exists(HiveKey service, IGuestFileSystem files, GuestPath windowsRoot) =>
        Resolve(service.GetValue("ImagePath")?.AsString() ?? $@"System32\drivers\{service.Name}.sys", windowsRoot) is { } path
        && files.Find(path) is { IsDirectory: false };

    /// <summary>The path, or null when it lies on another volume or is not a path at all.</summary>
    /// <param name="imagePath">As stored: <c>system32\drivers\x.sys</c>, <c>\SystemRoot\...</c>, <c>\??\C:\Windows\...</c>.</param>
    /// <param name="windowsRoot">WindowsRoot on its volume.</param>
    public static GuestPath? Resolve(string imagePath, GuestPath windowsRoot)
    {
        string path = imagePath.Trim().Trim('"');
        if (s_rootPrefixes.FirstOrDefault(prefix => path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } root)
        {
            path = path[root.Length..];
        }
        else if (path.StartsWith(@"\??\", StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal))
        {
            // An absolute path carries a drive letter; only one below WindowsRoot can be placed without MountedDevices.
            string marker = windowsRoot.ToString() + "\\";
            int at = path.IndexOf(marker, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return null;
            }

            path = path[(at + marker.Length)..];
        }

        string[] parts = path.Split('\\', '/');
        return parts.Any(part => part is "." or ".." || part.AsSpan().ContainsAny(s_forbidden)) ? null : (GuestPath?)(windowsRoot / path);
    }
}
