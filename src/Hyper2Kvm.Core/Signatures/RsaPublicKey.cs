using System.Numerics;

namespace Hyper2Kvm.Signatures;

/// <summary>An RSA key that checks signatures, PKCS #1 version 1.5 (RFC 8017 8.2.2).</summary>
/// <remarks>.NET asks the host's OpenSSL, and on hosts whose policy forbids SHA-1, the usual place to convert guests, that denies what
/// Windows 7 accepts. Only public data is handled here, so plain arithmetic will do.</remarks>
internal sealed class RsaPublicKey(BigInteger modulus, BigInteger exponent) : PublicKey
{
    /// <summary>Beyond what any certificate authority issues; bounds the arithmetic that a hostile file can ask for.</summary>
    private const int MaximumBits = 16384;

    private const int MaximumExponentBits = 64;

    /// <summary>The timestamp service of VeriSign signed the hash without naming its algorithm, so both forms hold.</summary>
    public override bool Verifies(DigestKind digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        long bits = modulus.GetBitLength();
        int length = (int)((Math.Min(bits, MaximumBits) + 7) / 8);
        if (modulus.Sign <= 0 || bits > MaximumBits || modulus.IsEven || exponent.Sign <= 0 || exponent.GetBitLength() > MaximumExponentBits
            || signature.Length != length || length < digest.Prefix.Length + hash.Length + 11)
        {
            return false;
        }

        BigInteger opened = BigInteger.ModPow(new BigInteger(signature, isUnsigned: true, isBigEndian: true), exponent, modulus);
        return opened == Padded(length, digest.Prefix, hash) || opened == Padded(length, [], hash);
    }

    /// <summary>00 01 FF ... FF 00, prefix, hash.</summary>
    private static BigInteger Padded(int length, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> hash)
    {
        byte[] block = new byte[length];
        block.AsSpan().Fill(0xFF);
        block[0] = 0x00;
        block[1] = 0x01;
        int at = length - prefix.Length - hash.Length;
        block[at - 1] = 0x00;
        prefix.CopyTo(block.AsSpan(at));
        hash.CopyTo(block.AsSpan(at + prefix.Length));
        return new BigInteger(block, isUnsigned: true, isBigEndian: true);
    }
}
