namespace Hyper2Kvm.Signatures;

/// <summary>A key that checks signatures.</summary>
internal abstract class PublicKey
{
    /// <param name="digest">How the hash was made.</param>
    /// <param name="hash">Of what is signed.</param>
    /// <param name="signature">As the certificate or the message has it.</param>
    public abstract bool Verifies(DigestKind digest, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature);
}
