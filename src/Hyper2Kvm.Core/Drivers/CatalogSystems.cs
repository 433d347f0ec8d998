using System.Globalization;

namespace Hyper2Kvm.Drivers;

/// <summary>The OSAttr texts of catalogs: <c>2:6.3</c> of the driver kit (2: any product), <c>_v100_X64_21H2</c>, <c>Server_v100_X64_RS5</c>,
/// <c>7X64</c>, <c>Server2008R2X64</c> of Microsoft's hardware programme.</summary>
internal static class CatalogSystems
{
    private static readonly (string Name, int Major, int Minor)[] s_names =
    [
        ("v100", 10, 0), ("v63", 6, 3), ("2003", 5, 2), ("2008R2", 6, 1), ("2008", 6, 0), ("Vista", 6, 0), ("XP", 5, 1),
        ("Server8", 6, 2), ("8X", 6, 2), ("7X", 6, 1), ("8ARM", 6, 2), ("2000", 5, 0),
    ];

    /// <summary>One of the texts is this Windows, or there is nothing to hold against it: no texts, or one that is not known here.</summary>
    public static bool Fit(IReadOnlyList<string> systems, WindowsVersion windows)
    {
        foreach (string system in systems)
        {
            if (VersionOf(system) is not { } version || version == (windows.Major, windows.Minor))
            {
                return true;
            }
        }

        return systems.Count == 0;
    }

    private static (int Major, int Minor)? VersionOf(string system)
    {
        int colon = system.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            string[] numbers = system[(colon + 1)..].Split('.');
            return numbers.Length >= 2
                && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
                && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
                ? (major, minor)
                : null;
        }

        foreach ((string name, int major, int minor) in s_names)
        {
            if (system.Contains(name, StringComparison.OrdinalIgnoreCase))
            {
                return (major, minor);
            }
        }

        return null;
    }
}
