using System.Security.Cryptography;

namespace Hyper2Kvm.Signatures;

/// <summary>A hash algorithm as signatures name it.</summary>
/// <param name="Name">For people: SHA-256.</param>
/// <param name="Algorithm">The same for .NET.</param>
/// <param name="Prefix">What stands before the hash in an RSA signature, RFC 8017 9.2 note 1.</param>
internal sealed record DigestKind(string Name, HashAlgorithmName Algorithm, byte[] Prefix)
{
    public static DigestKind Sha1 { get; } =
        new("SHA-1", HashAlgorithmName.SHA1, Convert.FromHexString("3021300906052B0E03021A05000414"));

    public static DigestKind Sha256 { get; } =
        new("SHA-256", HashAlgorithmName.SHA256, Convert.FromHexString("3031300D060960864801650304020105000420"));

    private static readonly DigestKind s_md5 =
        new("MD5", HashAlgorithmName.MD5, Convert.FromHexString("3020300C06082A864886F70D020505000410"));

    private static readonly DigestKind s_sha384 =
        new("SHA-384", HashAlgorithmName.SHA384, Convert.FromHexString("3041300D060960864801650304020205000430"));

    private static readonly DigestKind s_sha512 =
        new("SHA-512", HashAlgorithmName.SHA512, Convert.FromHexString("3051300D060960864801650304020305000440"));

    /// <summary>Of the hash's own identifier or of RSA or ECDSA with that hash; null for others.</summary>
    public static DigestKind? Of(string oid) => oid switch
    {
        "1.2.840.113549.2.5" or "1.2.840.113549.1.1.4" => s_md5,
        "1.3.14.3.2.26" or "1.3.14.3.2.29" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => Sha1,
        "2.16.840.1.101.3.4.2.1" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => Sha256,
        "2.16.840.1.101.3.4.2.2" or "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => s_sha384,
        "2.16.840.1.101.3.4.2.3" or "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => s_sha512,
        _ => null,
    };

    public byte[] Hash(ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(Algorithm);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    public override string ToString() => Name;
}
