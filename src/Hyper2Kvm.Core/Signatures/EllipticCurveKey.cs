using System.Security.Cryptography;

namespace Hyper2Kvm.Signatures;

/// <summary>A key on a named curve that checks ECDSA signatures (RFC 5480).</summary>
/// <param name="subjectPublicKeyInfo">As the certificate has it.</param>
internal sealed class EllipticCurveKey(byte[] subjectPublicKeyInfo) : PublicKey
{
    public override bool Verifies(DigestKind digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        using ECDsa key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false; // no point on a curve, or a curve that the host does not know
        }
    }
}
