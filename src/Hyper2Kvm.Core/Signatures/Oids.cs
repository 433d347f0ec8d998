namespace Hyper2Kvm.Signatures;

/// <summary>Object identifiers of PKCS #7, X.509 and Authenticode.</summary>
internal static class Oids
{
    public const string SignedData = "1.2.840.113549.1.7.2";
    public const string ContentType = "1.2.840.113549.1.9.3";
    public const string MessageDigest = "1.2.840.113549.1.9.4";
    public const string SigningTime = "1.2.840.113549.1.9.5";
    public const string Countersignature = "1.2.840.113549.1.9.6";
    public const string TimestampInfo = "1.2.840.113549.1.9.16.1.4";
    public const string TimestampToken = "1.3.6.1.4.1.311.3.3.1";
    public const string NestedSignature = "1.3.6.1.4.1.311.2.4.1";
    public const string IndirectData = "1.3.6.1.4.1.311.2.1.4";
    public const string TrustList = "1.3.6.1.4.1.311.10.1";
    public const string CatalogList = "1.3.6.1.4.1.311.12.1.1";

    /// <summary>Members of a catalog bear their digest for a name; those of older catalogs bear it as text.</summary>
    public const string CatalogMembersByDigest = "1.3.6.1.4.1.311.12.1.3";

    public const string CatalogNameValue = "1.3.6.1.4.1.311.12.2.1";
    public const string CommonName = "2.5.4.3";
    public const string Organization = "2.5.4.10";
    public const string ExtendedKeyUsage = "2.5.29.37";
    public const string RsaKey = "1.2.840.113549.1.1.1";
    public const string EllipticCurveKey = "1.2.840.10045.2.1";

    /// <summary>Windows Hardware Driver Verification: tested by the laboratory kit.</summary>
    public const string HardwareVerification = "1.3.6.1.4.1.311.10.3.5";

    /// <summary>Windows Hardware Driver Attested Verification: signed for the maker's word.</summary>
    public const string AttestedVerification = "1.3.6.1.4.1.311.10.3.5.1";

    /// <summary>Windows System Component Verification: part of Windows.</summary>
    public const string SystemComponent = "1.3.6.1.4.1.311.10.3.6";
}
