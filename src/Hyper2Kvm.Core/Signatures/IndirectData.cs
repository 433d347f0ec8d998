using System.Formats.Asn1;

namespace Hyper2Kvm.Signatures;

/// <summary>SPC_INDIRECT_DATA: the digest of a file that is signed elsewhere than in itself, or around itself.</summary>
/// <param name="Algorithm">Object identifier of the hash.</param>
/// <param name="Digest">The hash.</param>
internal readonly record struct IndirectData(string Algorithm, byte[] Digest)
{
    public static IndirectData Read(AsnReader reader) => ReadFields(reader.ReadSequence());

    /// <summary>The fields alone, as a signed message has them for its content.</summary>
    public static IndirectData ReadFields(AsnReader data)
    {
        data.ReadEncodedValue(); // what kind of file
        AsnReader digest = data.ReadSequence();
        return new IndirectData(digest.ReadSequence().ReadObjectIdentifier(), digest.ReadOctetString());
    }
}
