using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Which signatures the kernel of a Windows takes for a driver.</summary>
/// <remarks>"Kernel-mode code signing policy" and "Driver signing" on learn.microsoft.com: 64-bit Windows from Vista on loads signed drivers
/// only, and a driver that starts at boot must carry the signature in itself. "BCDEdit /set": Windows 7 and 8 pass over nointegritychecks; later ones
/// are not said to regard it, so they are not counted on to.</remarks>
internal static class SignatureRules
{
    private const int Vista = 6000;
    private const int Windows7 = 7600;
    private const int Windows8 = 9200;
    private const int Windows10 = 10240;
    private const int Windows10Version1607 = 14393;

    /// <summary>Cross-signed drivers whose certificate is older load on Windows 10 in any case.</summary>
    private static readonly DateTime s_endOfCrossSigning = new(2015, 7, 29, 0, 0, 0, DateTimeKind.Utc);

    private static bool Enforces(WindowsVersion windows) => windows.Architecture != GuestArchitecture.X86 && windows.Build >= Vista;

    /// <summary>Why this Windows does not load the driver; null when it does.</summary>
    /// <param name="layout">The guest.</param>
    /// <param name="startsAtBoot">The driver starts at boot: only signatures in itself count.</param>
    /// <param name="signatures">All that it has; one that is taken is enough.</param>
    /// <param name="now">UTC.</param>
    public static string? Obstacle(WindowsLayout layout, bool startsAtBoot, IReadOnlyList<DriverSignature> signatures, DateTime now)
    {
        if (!Checks(layout))
        {
            return null;
        }

        List<string> reasons = [];
        foreach (DriverSignature signature in signatures.Where(signature => signature.IsEmbedded || !startsAtBoot))
        {
            if (ObstacleOf(layout, signature, now) is not { } reason)
            {
                return null;
            }

            reasons.Add($"'{signature.File}': {reason}");
        }

        return string.Join("; ", reasons);
    }

    /// <summary>What a user should know of signatures that do not stop this Windows.</summary>
    public static IEnumerable<string> Warnings(WindowsLayout layout, IReadOnlyList<DriverSignature> signatures, DateTime now)
    {
        foreach (DriverSignature signature in signatures)
        {
            if (!Checks(layout))
            {
                if (Enforced(signature, now) is { } reason)
                {
                    string because = Enforces(layout.Windows) ? " as long as its boot store has nointegritychecks on" : "";
                    yield return $"'{signature.File}': {reason}; {layout.Windows} does not check that of drivers{because}, but its set-up may ask.";
                }
            }
            else if (IsTakenForTests(layout, signature) && ObstacleOf(layout, signature, now) is null)
            {
                string secureBoot = layout.Firmware == FirmwareMode.Uefi ? " and Secure Boot off" : "";
                yield return $"'{signature.File}': {Enforced(signature, now)}; {layout.Windows} takes it because its boot store has testsigning on: leave it on{secureBoot}.";
            }
            else if (!signature.IsEmbedded && ObstacleOf(layout, signature, now) is { } reason)
            {
                yield return $"'{signature.File}': {reason}; Windows will take the package for unsigned.";
            }
            else if (Doubt(layout, signature) is { } doubt)
            {
                yield return $"'{signature.File}': {doubt}";
            }
        }
    }

    /// <summary>Nothing but the missing update is in the way.</summary>
    public static bool NeedsSha2Update(IReadOnlyList<DriverSignature> signatures, WindowsVersion windows) =>
        windows.Build < Windows8 && signatures.Any(signature => signature.Kind >= DriverSignatureKind.CrossSigned && signature.Digest != "SHA-1");

    /// <summary>The error for a package with an obstacle that was not asked for.</summary>
    public static GuestStateException Refused(PlannedPackage package, string file, bool startsAtBoot, WindowsVersion windows, DriverSource source) => new(
        "DriverSignatureRefused",
        $"{package.SourceDirectory}/{file}",
        $"{windows} does not load the driver {package} of '{source}'{(startsAtBoot ? " and would stop with 0xC0000428" : "")}: {package.SignatureObstacle}.",
        NeedsSha2Update(package.Signatures, windows)
            ? "Install the updates in Windows first (KB4490628 and KB4474419), or take an older driver ISO, whose drivers are signed with SHA-1."
            : "Take a driver ISO that has a signed driver for it: the virtio-win of RHEL, or for Windows 8 and 2012 one up to 0.1.215. "
                + "For a test-signed driver switch test signing on in Windows first (bcdedit /set testsigning on). -AllowUnsignedDriver takes it all the same.");

    private static string? ObstacleOf(WindowsLayout layout, DriverSignature signature, DateTime now) =>
        (IsTakenForTests(layout, signature) ? null : Enforced(signature, now))
        ?? (layout.Windows.Build < Windows8 && signature.Digest != "SHA-1" && !layout.VerifiesSha2
            ? $"it is signed with {signature.Digest}, which this Windows takes only with the updates KB3033929 or KB4474419"
            : null);

    /// <summary>Test signing wants a signature that holds, by whomever; it takes none that is missing or broken.</summary>
    private static bool IsTakenForTests(WindowsLayout layout, DriverSignature signature) =>
        layout.TestSigning && signature.Kind is (DriverSignatureKind.TestSigned or DriverSignatureKind.Publisher);

    private static bool Checks(WindowsLayout layout) =>
        Enforces(layout.Windows) && !(layout.NoIntegrityChecks && layout.Windows.Build < Windows7);

    private static string? Enforced(DriverSignature signature, DateTime now) => signature.Kind switch
    {
        DriverSignatureKind.None => "it has no signature",
        DriverSignatureKind.Damaged => $"its signature does not hold: {signature.Problem}",
        DriverSignatureKind.Unknown => $"its signature cannot be judged here: {signature.Problem}",
        DriverSignatureKind.TestSigned => $"it is test-signed, by '{signature.Signer}'",
        DriverSignatureKind.Publisher => $"it is signed by '{signature.Signer}' with certificates of '{signature.Root}' that do not lead to Microsoft",
        _ when signature.Timestamp is null && signature.NotAfter < now => string.Create(
            CultureInfo.InvariantCulture, $"the certificate of '{signature.Signer}' ended on {signature.NotAfter:yyyy-MM-dd} and no timestamp says that the signature is older"),
        _ => null,
    };

    private static string? Doubt(WindowsLayout layout, DriverSignature signature)
    {
        WindowsVersion windows = layout.Windows;
        bool maySecureBoot = layout.Firmware == FirmwareMode.Uefi;
        if (!CatalogSystems.Fit(signature.Systems, windows))
        {
            return $"it was made for {string.Join(", ", signature.Systems)}, not for {windows}.";
        }

        return signature.Kind switch
        {
            DriverSignatureKind.CrossSigned when windows.Build >= Windows10Version1607 && maySecureBoot && signature.NotBefore >= s_endOfCrossSigning =>
                "it is cross-signed with a certificate issued after July 2015: with Secure Boot this Windows does not load it.",
            DriverSignatureKind.Attested when windows.IsServer && windows.Build >= Windows10Version1607 && maySecureBoot =>
                "it is attestation-signed, and Windows Server expects drivers that passed the hardware tests: leave Secure Boot off, or take the drivers of RHEL.",
            DriverSignatureKind.Attested when windows.Build < Windows10 => "it is attestation-signed, which is meant for Windows 10 and later.",
            _ => null,
        };
    }
}
