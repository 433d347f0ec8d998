namespace Hyper2Kvm.Editing.Steps;

/// <summary>Who signed a package and what that is worth to PnP, as the driver database has it.</summary>
/// <param name="Name">SignerName: common name of the catalog's signer; null where PnP would believe nobody.</param>
/// <param name="Score">SignerScore: SIGNERSCORE_* of setupapi.h, what SetupVerifyInfFile says of the INF.</param>
/// <remarks>Real machines have WHQL for what Microsoft's hardware program signed, whether it was tested or only attested.</remarks>
internal readonly record struct PackageSigner(string? Name, uint Score)
{
    private const uint Inbox = 0x0D000003;
    private const uint Whql = 0x0D000005;
    private const uint Authenticode = 0x0F000000;
    private const uint Unsigned = 0x80000000;

    /// <summary>By the catalog, for it signs the package; a signature in the driver itself is for the kernel.</summary>
    public static PackageSigner Of(PlannedPackage package)
    {
        DriverSignature? worst = package.Signatures.Where(signature => !signature.IsEmbedded).MinBy(signature => signature.Kind);
        return worst?.Kind switch
        {
            DriverSignatureKind.Windows => new(worst.Signer, Inbox),
            DriverSignatureKind.HardwareCertified or DriverSignatureKind.Attested => new(worst.Signer, Whql),
            DriverSignatureKind.CrossSigned or DriverSignatureKind.Publisher => new(worst.Signer, Authenticode),
            _ => new(null, Unsigned), // none, one that does not hold, and a test signature, whose root no guest knows by itself
        };
    }
}
