using System.Numerics;

namespace Hyper2Kvm.Signatures;

/// <summary>An RSA key that checks signatures, PKCS #1 version 1.5 (RFC 8017 8.2.2).</summary>
/// <remarks>.NET asks the host's OpenSSL, and on hosts whose policy forbids SHA-1, the usual place to convert guests, that denies what
/// Windows 7 accepts. Only public data is handled here, so plain arithmetic will do.</remarks>
internal sealed class RsaPublicKey(BigInteger modulus, BigInteger exponent)
{
    /// <summary>Beyond what any certificate authority issues; bounds the arithmetic that a hostile file can ask for.</summary>
    private const int MaximumBits = 16384;

    private const int MaximumExponentBits = 64;

    public bool Verifies(DigestKind digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        long bits = modulus.GetBitLength();
        int length = (int)((Math.Min(bits, MaximumBits) + 7) / 8);
        if (modulus.Sign <= 0 || bits > MaximumBits || modulus.IsEven || exponent.Sign <= 0 || exponent.GetBitLength() > MaximumExponentBits
            || signature.Length != length || length < digest.Prefix.Length + hash.Length + 11)
        {
            return false;
        }

        byte[] expected = new byte[length];
        expected.AsSpan().Fill(0xFF);
        expected[0] = 0x00;
        expected[1] = 0x01;
        int at = length - digest.Prefix.Length - hash.Length;
        expected[at - 1] = 0x00;
        digest.Prefix.CopyTo(expected, at);
        hash.CopyTo(expected.AsSpan(at + digest.Prefix.Length));
        BigInteger opened = BigInteger.ModPow(new BigInteger(signature, isUnsigned: true, isBigEndian: true), exponent, modulus);
        return opened == new BigInteger(expected, isUnsigned: true, isBigEndian: true);
    }
}
