using System.Formats.Asn1;

namespace Hyper2Kvm.Signatures;

/// <summary>A PKCS #7 or CMS signed message (RFC 5652 5.1): content, certificates and signers. Reading it says nothing of its truth.</summary>
internal sealed class SignedMessage
{
    /// <summary>More than any real signature carries.</summary>
    private const int MaximumCertificates = 64;

    private static readonly Asn1Tag s_content = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_certificates = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_revocations = new(TagClass.ContextSpecific, 1);

    private SignedMessage(AsnReader outer, Asn1Place place)
    {
        AsnReader info = outer.ReadSequence();
        string type = info.ReadObjectIdentifier();
        if (type != Oids.SignedData)
        {
            throw place.Damaged($"a signed message ({Oids.SignedData})", type);
        }

        AsnReader data = info.ReadSequence(s_content).ReadSequence();
        data.ReadInteger();
        data.ReadEncodedValue(); // the digest algorithms, which the signers name themselves
        AsnReader content = data.ReadSequence();
        ContentType = content.ReadObjectIdentifier();
        Content = content.HasData ? ContentOf(content.ReadSequence(s_content)) : [];
        Certificates = data.PeekTag().HasSameClassAndValue(s_certificates) ? ReadCertificates(data.ReadSetOf(skipSortOrderValidation: true, s_certificates), place) : [];
        if (data.PeekTag().HasSameClassAndValue(s_revocations))
        {
            data.ReadEncodedValue();
        }

        AsnReader signers = data.ReadSetOf(skipSortOrderValidation: true);
        Signer = signers.HasData ? MessageSigner.Read(signers, place) : null;
    }

    public string ContentType { get; }

    /// <summary>What is signed: the content's value without tag and length. Empty when it lies elsewhere.</summary>
    public byte[] Content { get; }

    public IReadOnlyList<Certificate> Certificates { get; }

    /// <summary>The first signer: Authenticode has one. Null when there is none.</summary>
    public MessageSigner? Signer { get; }

    /// <exception cref="Diagnostics.DiskFormatException"><c>CatalogDamaged</c>, <c>SignatureDamaged</c>.</exception>
    public static SignedMessage Read(byte[] bytes, Asn1Place place) => place.Read(bytes, (reader, at) => new SignedMessage(reader, at));

    /// <summary>PKCS #7 has a structure there, CMS an octet string with one.</summary>
    private static byte[] ContentOf(AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveOctetString))
        {
            return reader.ReadOctetString();
        }

        return reader.PeekContentBytes().ToArray();
    }

    private static List<Certificate> ReadCertificates(AsnReader set, Asn1Place place)
    {
        List<Certificate> certificates = [];
        while (set.HasData)
        {
            if (!set.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                set.ReadEncodedValue(); // attribute certificates of the last century
                continue;
            }

            certificates.Add(Certificate.Read(set));
            if (certificates.Count > MaximumCertificates)
            {
                throw place.Damaged($"at most {MaximumCertificates} certificates", "more");
            }
        }

        return certificates;
    }
}
