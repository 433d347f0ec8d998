using System.Formats.Asn1;

namespace Hyper2Kvm.Signatures;

/// <summary>One SignerInfo of a signed message (RFC 5652 5.3).</summary>
internal sealed class MessageSigner
{
    private static readonly Asn1Tag s_signedAttributes = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_unsignedAttributes = new(TagClass.ContextSpecific, 1);

    private readonly byte[] _issuer;
    private readonly byte[] _serial;

    /// <summary>The attributes as they are signed; null when the content itself is.</summary>
    private readonly byte[]? _signedAttributes;
    private readonly byte[] _signature;
    private readonly string _signatureAlgorithm;

    private byte[]? _messageDigest;
    private string? _contentType;

    private MessageSigner(AsnReader info, Asn1Place place, bool isCountersigner)
    {
        info.ReadInteger();
        if (!info.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            throw place.Damaged("a signer named by issuer and serial number", "another way");
        }

        AsnReader name = info.ReadSequence();
        _issuer = name.ReadEncodedValue().ToArray();
        _serial = name.ReadIntegerBytes().ToArray();
        DigestOid = info.ReadSequence().ReadObjectIdentifier();
        if (info.PeekTag().HasSameClassAndValue(s_signedAttributes))
        {
            _signedAttributes = info.PeekEncodedValue().ToArray();
            _signedAttributes[0] = 0x31; // the signature is over a SET, RFC 5652 5.4
            ReadSignedAttributes(info.ReadSetOf(skipSortOrderValidation: true, s_signedAttributes));
        }

        _signatureAlgorithm = info.ReadSequence().ReadObjectIdentifier();
        _signature = info.ReadOctetString();
        if (!isCountersigner && info.HasData && info.PeekTag().HasSameClassAndValue(s_unsignedAttributes))
        {
            ReadUnsignedAttributes(info.ReadSetOf(skipSortOrderValidation: true, s_unsignedAttributes), place);
        }
    }

    public string DigestOid { get; }

    /// <summary>What the signer's own clock said; proves nothing unless the signer is a timestamping authority.</summary>
    public DateTime? SigningTime { get; private set; }

    public byte[] Signature => _signature;

    /// <summary>A timestamp of the older kind, by whoever signed this signature once more.</summary>
    public MessageSigner? Countersigner { get; private set; }

    /// <summary>A timestamp as of RFC 3161, a whole signed message.</summary>
    public byte[]? TimestampToken { get; private set; }

    /// <summary>Signatures of the same file with another digest, whole signed messages.</summary>
    public IReadOnlyList<byte[]> Nested { get; private set; } = [];

    public static MessageSigner Read(AsnReader info, Asn1Place place) => new(info.ReadSequence(), place, isCountersigner: false);

    public Certificate? FindCertificate(IReadOnlyList<Certificate> certificates)
    {
        foreach (Certificate certificate in certificates)
        {
            if (certificate.RawIssuer.AsSpan().SequenceEqual(_issuer) && certificate.Serial.AsSpan().SequenceEqual(_serial))
            {
                return certificate;
            }
        }

        return null;
    }

    /// <summary>It is made in a way that can be judged here; RSA-PSS and curves without a name are not.</summary>
    public bool IsKnown(Certificate certificate) => DigestKind.Of(DigestOid) is { } digest && certificate.Key is not null
        && (_signatureAlgorithm == Oids.RsaKey || DigestKind.Of(_signatureAlgorithm) == digest);

    /// <summary>What is wrong with the signature over that content, or null.</summary>
    /// <param name="content">The content's bytes.</param>
    /// <param name="contentType">Its type; null where a countersignature has none.</param>
    /// <param name="certificate">The signer's.</param>
    public string? ProblemWith(ReadOnlySpan<byte> content, string? contentType, Certificate certificate)
    {
        if (!IsKnown(certificate))
        {
            return $"it is made in a way that is not known here ({DigestOid}, {_signatureAlgorithm})";
        }

        DigestKind digest = DigestKind.Of(DigestOid)!;

        byte[] hash = digest.Hash(content);
        if (_signedAttributes is not null)
        {
            if (_messageDigest is null || !_messageDigest.AsSpan().SequenceEqual(hash))
            {
                return "what it signs was changed";
            }

            if (contentType is not null && _contentType != contentType)
            {
                return $"it signs content of another type ({_contentType ?? "none"})";
            }

            hash = digest.Hash(_signedAttributes);
        }

        return certificate.Key!.Verifies(digest, hash, _signature) ? null : $"the key of '{certificate.Subject}' did not make it";
    }

    private void ReadSignedAttributes(AsnReader attributes)
    {
        while (attributes.HasData)
        {
            AsnReader attribute = attributes.ReadSequence();
            string oid = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            switch (oid)
            {
                case Oids.MessageDigest:
                    _messageDigest = values.ReadOctetString();
                    break;
                case Oids.ContentType:
                    _contentType = values.ReadObjectIdentifier();
                    break;
                case Oids.SigningTime:
                    SigningTime = Certificate.ReadTime(values);
                    break;
                default:
                    break;
            }
        }
    }

    private void ReadUnsignedAttributes(AsnReader attributes, Asn1Place place)
    {
        List<byte[]> nested = [];
        while (attributes.HasData)
        {
            AsnReader attribute = attributes.ReadSequence();
            string oid = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            switch (oid)
            {
                case Oids.Countersignature when values.HasData:
                    Countersigner = new MessageSigner(values.ReadSequence(), place, isCountersigner: true);
                    break;
                case Oids.TimestampToken when values.HasData:
                    TimestampToken = values.ReadEncodedValue().ToArray();
                    break;
                case Oids.NestedSignature:
                    while (values.HasData)
                    {
                        nested.Add(values.ReadEncodedValue().ToArray());
                    }

                    break;
                default:
                    break;
            }
        }

        Nested = nested;
    }
}
