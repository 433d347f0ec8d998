using System.Globalization;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What a SOFTWARE hive says about its Windows.</summary>
internal sealed class SoftwareHiveFacts
{
    /// <summary>CbsInstallStateInstalled.</summary>
    private const uint PackageInstalled = 0x70;

    private static readonly string[] s_sha2Updates =
        ["Package_for_KB3033929~", "Package_for_KB3125574~", "Package_for_KB4474419~", "Package_for_RollupFix~"];

    private readonly Hive _hive;
    private readonly HiveKey _currentVersion;

    private SoftwareHiveFacts(Hive hive, HiveKey currentVersion)
    {
        _hive = hive;
        _currentVersion = currentVersion;
    }

    /// <summary>What says that component based servicing waits for a restart, or is in the midst of one; null where nothing does.</summary>
    public string? PendingServicing => _hive.Find(@"Microsoft\Windows\CurrentVersion\Component Based Servicing") is not { } servicing ? null
        : servicing.Find("RebootPending") is not null ? "RebootPending"
        : servicing.Find("RebootInProgress") is not null ? "RebootInProgress"
        : servicing.Find("PackagesPending") is { SubkeyCount: > 0 } ? "PackagesPending" // The key stays behind, empty.
        : null;

    /// <summary>An update that brought SHA-2 to the boot loader and the kernel of Windows 7 and 2008 is installed: KB3033929, the roll-up
    /// KB3125574, KB4474419, or one of the monthly roll-ups, which need it.</summary>
    public bool HasSha2Update => _hive.Find(@"Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages") is { } packages
        && packages.Subkeys.Any(package =>
            s_sha2Updates.Any(update => package.Name.StartsWith(update, StringComparison.OrdinalIgnoreCase))
            && package.GetValue("CurrentState")?.AsInteger() == PackageInstalled);

    /// <exception cref="GuestItemNotFoundException"><c>WindowsVersionNotFound</c>.</exception>
    public static SoftwareHiveFacts Read(Hive hive, string hivePath) =>
        hive.Find(@"Microsoft\Windows NT\CurrentVersion") is { } key
            ? new SoftwareHiveFacts(hive, key)
            : throw VersionNotFound(hivePath, @"the key Microsoft\Windows NT\CurrentVersion is missing");

    /// <summary>The drive letter that this Windows was installed with.</summary>
    public static string OwnLetter(Hive hive) =>
        hive.Find(@"Microsoft\Windows NT\CurrentVersion")?.GetValue("SystemRoot")?.AsString() is { Length: >= 2 } root && char.IsAsciiLetter(root[0]) && root[1] == ':'
            ? root[..2].ToUpperInvariant()
            : "C:";

    /// <summary>Decides by build and installation type, never by product name: Windows 11 still calls itself 10 there.</summary>
    public WindowsVersion Version(GuestArchitecture architecture, string productType, string hivePath)
    {
        string build = Text("CurrentBuildNumber") is { Length: > 0 } number ? number : Text("CurrentBuild");
        if (!int.TryParse(build, NumberStyles.None, CultureInfo.InvariantCulture, out int buildNumber))
        {
            throw VersionNotFound(hivePath, $"CurrentBuildNumber is '{build}', not a number");
        }

        (int major, int minor) = MajorMinor(hivePath);
        string installationType = Text("InstallationType");
        return new WindowsVersion
        {
            ProductName = Text("ProductName"),
            EditionId = Text("EditionID"),
            InstallationType = installationType,
            DisplayVersion = Text("DisplayVersion") is { Length: > 0 } display ? display : Text("ReleaseId"),
            Major = major,
            Minor = minor,
            Build = buildNumber,
            Revision = (int)Math.Min(_currentVersion.GetValue("UBR")?.AsInteger() ?? 0, int.MaxValue),
            Architecture = architecture,
            IsServer = installationType.Length > 0
                ? installationType.StartsWith("Server", StringComparison.OrdinalIgnoreCase)
                : productType.Length > 0 && !productType.Equals("WinNT", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>Windows 10 and later keep 6.3 in CurrentVersion and the truth in two numbers beside it.</summary>
    private (int Major, int Minor) MajorMinor(string hivePath)
    {
        if (_currentVersion.GetValue("CurrentMajorVersionNumber")?.AsInteger() is { } major and < 1000)
        {
            return ((int)major, (int)Math.Min(_currentVersion.GetValue("CurrentMinorVersionNumber")?.AsInteger() ?? 0, 1000));
        }

        return System.Version.TryParse(Text("CurrentVersion"), out Version? version)
            ? (version.Major, version.Minor)
            : throw VersionNotFound(hivePath, $"CurrentVersion is '{Text("CurrentVersion")}'");
    }

    private string Text(string name) => PlainText.Escape(_currentVersion.GetValue(name)?.AsString() ?? "");

    private static GuestItemNotFoundException VersionNotFound(string hivePath, string why) =>
        new("WindowsVersionNotFound", hivePath, $"{hivePath}: the Windows version cannot be read: {why}.");
}
