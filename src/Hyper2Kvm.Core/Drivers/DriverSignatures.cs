using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads the signatures of drivers and says what they are worth.</summary>
internal static class DriverSignatures
{
    private const string CrossRoot = "Microsoft Code Verification Root";

    /// <summary>Those in the driver itself; one of kind None when there are none.</summary>
    public static IReadOnlyList<DriverSignature> Embedded(PeImage image, string name)
    {
        try
        {
            DriverSignature[] all = [.. image.Signatures().Select(reading =>
                Describe(reading, name, true, image.IsCoveredBy(reading) ? null : "the driver is not the file that was signed"))];
            return all.Length > 0 ? all : [None(name, true)];
        }
        catch (DiskFormatException exception)
        {
            return [Damaged(name, true, exception)];
        }
    }

    /// <summary>That of a catalog over a driver and its INF: with an INF that somebody has changed it is not the package that was signed.</summary>
    public static DriverSignature InCatalog(IBlockDevice catalog, string name, PeImage driver, string driverName, byte[] inf, string infName) =>
        InCatalog(catalog, name, (driverName, driver.Digest), (infName, kind => kind.Hash(inf)));

    /// <summary>That of a catalog over an INF alone.</summary>
    public static DriverSignature InCatalog(IBlockDevice catalog, string name, byte[] inf, string infName) =>
        InCatalog(catalog, name, (infName, kind => kind.Hash(inf)));

    /// <summary>None at all.</summary>
    public static DriverSignature None(string name, bool isEmbedded) =>
        new() { File = name, IsEmbedded = isEmbedded, Kind = DriverSignatureKind.None };

    private static DriverSignature InCatalog(IBlockDevice catalog, string name, params (string Name, Func<DigestKind, byte[]> Digest)[] files)
    {
        try
        {
            SecurityCatalog list = SecurityCatalog.Read(catalog, name);
            string[] missing = [.. files
                .Where(file => !list.Contains(file.Digest(DigestKind.Sha256)) && !list.Contains(file.Digest(DigestKind.Sha1)))
                .Select(file => $"'{file.Name}'")];
            string? problem = missing.Length == 0 ? null : $"it does not list {string.Join(" and ", missing)} as found here";
            return Describe(list.Signature, name, false, problem) with { Systems = list.Systems };
        }
        catch (DiskFormatException exception)
        {
            return Damaged(name, false, exception);
        }
    }

    private static DriverSignature Damaged(string name, bool isEmbedded, DiskFormatException exception) =>
        new() { File = name, IsEmbedded = isEmbedded, Kind = DriverSignatureKind.Damaged, Problem = exception.Message };

    private static DriverSignature Describe(SignatureReading reading, string name, bool isEmbedded, string? problem)
    {
        string? wrong = reading.Problem ?? problem;
        return new DriverSignature
        {
            File = name,
            IsEmbedded = isEmbedded,
            Kind = wrong is null ? KindOf(reading) : reading.IsUnknownKind ? DriverSignatureKind.Unknown : DriverSignatureKind.Damaged,
            Signer = reading.Signer?.Subject ?? "",
            Thumbprint = reading.Signer?.Thumbprint ?? "",
            Root = reading.Root,
            Digest = reading.Digest,
            NotBefore = reading.Signer?.NotBefore,
            NotAfter = reading.Signer?.NotAfter,
            Timestamp = reading.Timestamp,
            Problem = wrong,
        };
    }

    internal static DriverSignatureKind KindOf(SignatureReading reading)
    {
        Certificate signer = reading.Signer!;
        if ((reading.Chain.Count == 1 && signer.IsSelfIssued) || IsTestName(signer.Subject) || IsTestName(reading.Root))
        {
            return DriverSignatureKind.TestSigned;
        }

        if (!reading.LeadsToMicrosoft)
        {
            return DriverSignatureKind.Publisher;
        }

        if (reading.Root == CrossRoot)
        {
            return DriverSignatureKind.CrossSigned;
        }

        return signer.KeyUsages.Contains(Oids.AttestedVerification) ? DriverSignatureKind.Attested
            : signer.KeyUsages.Contains(Oids.HardwareVerification) ? DriverSignatureKind.HardwareCertified
            : signer.KeyUsages.Contains(Oids.SystemComponent) ? DriverSignatureKind.Windows
            : DriverSignatureKind.Publisher;
    }

    /// <summary>The driver kit's own certificates, and Microsoft's and Red Hat's for tests.</summary>
    private static bool IsTestName(string name) =>
        name.Contains("test", StringComparison.OrdinalIgnoreCase) || name.StartsWith("WDK", StringComparison.OrdinalIgnoreCase);
}
