using System.Formats.Asn1;

namespace Hyper2Kvm.Signatures;

/// <summary>What we ask of an X.509 certificate (RFC 5280 4.1). It is read as it lies: whether it is to be trusted, only the guest can say.</summary>
internal sealed class Certificate
{
    private static readonly Asn1Tag s_version = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 3);

    private readonly byte[] _body;
    private readonly DigestKind? _digest;
    private readonly byte[] _signature;

    private Certificate(AsnReader outer)
    {
        byte[] raw = outer.PeekEncodedValue().ToArray();
        Thumbprint = Convert.ToHexString(DigestKind.Sha1.Hash(raw));
        AsnReader certificate = outer.ReadSequence();
        _body = certificate.PeekEncodedValue().ToArray();
        AsnReader body = certificate.ReadSequence();
        _digest = DigestKind.Of(certificate.ReadSequence().ReadObjectIdentifier());
        _signature = certificate.ReadBitString(out _);
        if (body.PeekTag().HasSameClassAndValue(s_version))
        {
            body.ReadEncodedValue();
        }

        Serial = body.ReadIntegerBytes().ToArray();
        body.ReadSequence(); // the signature's algorithm, once more
        RawIssuer = body.PeekEncodedValue().ToArray();
        Issuer = NameOf(body.ReadSequence());
        AsnReader validity = body.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        RawSubject = body.PeekEncodedValue().ToArray();
        Subject = NameOf(body.ReadSequence());
        Key = ReadKey(body.ReadEncodedValue().ToArray());
        while (body.HasData)
        {
            if (body.PeekTag().HasSameClassAndValue(s_extensions))
            {
                KeyUsages = ReadKeyUsages(body.ReadSequence(s_extensions).ReadSequence());
            }
            else
            {
                body.ReadEncodedValue();
            }
        }
    }

    /// <summary>Common name, or the organisation where there is none.</summary>
    public string Subject { get; }

    public string Issuer { get; }

    public byte[] RawSubject { get; }

    public byte[] RawIssuer { get; }

    public byte[] Serial { get; }

    public DateTime NotBefore { get; }

    public DateTime NotAfter { get; }

    /// <summary>SHA-1 of the whole certificate, in capitals as Windows shows it.</summary>
    public string Thumbprint { get; }

    /// <summary>Null for other keys than RSA and those of named elliptic curves.</summary>
    public PublicKey? Key { get; }

    /// <summary>Extended key usages.</summary>
    public IReadOnlyList<string> KeyUsages { get; } = [];

    public bool IsSelfIssued => RawSubject.AsSpan().SequenceEqual(RawIssuer);

    public static Certificate Read(AsnReader reader) => new(reader);

    /// <summary>The issuer's key made this certificate's signature. Only what can be checked is denied: MD2 of the oldest roots cannot.</summary>
    public bool IsSignedBy(Certificate issuer) => issuer.Key is not null && IsSignedBy(issuer.Key);

    public bool IsSignedBy(PublicKey key) => _digest is not null && key.Verifies(_digest, _digest.Hash(_body), _signature);

    /// <summary>UTCTime or GeneralizedTime, in UTC.</summary>
    internal static DateTime ReadTime(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? reader.ReadUtcTime().UtcDateTime
        : reader.ReadGeneralizedTime().UtcDateTime;

    private static string NameOf(AsnReader name)
    {
        string? common = null;
        string? organization = null;
        while (name.HasData)
        {
            AsnReader parts = name.ReadSetOf(skipSortOrderValidation: true);
            while (parts.HasData)
            {
                AsnReader part = parts.ReadSequence();
                string oid = part.ReadObjectIdentifier();
                Asn1Tag tag = part.PeekTag();
                bool isText = tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
                    or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String
                    or UniversalTagNumber.BMPString or UniversalTagNumber.VisibleString;
                if (isText && oid == Oids.CommonName)
                {
                    common = part.ReadCharacterString((UniversalTagNumber)tag.TagValue);
                }
                else if (isText && oid == Oids.Organization)
                {
                    organization = part.ReadCharacterString((UniversalTagNumber)tag.TagValue);
                }
            }
        }

        return common ?? organization ?? "";
    }

    private static PublicKey? ReadKey(byte[] subjectPublicKeyInfo)
    {
        AsnReader info = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.BER).ReadSequence();
        string algorithm = info.ReadSequence().ReadObjectIdentifier();
        byte[] bits = info.ReadBitString(out _);
        if (algorithm != Oids.RsaKey)
        {
            return algorithm == Oids.EllipticCurveKey ? new EllipticCurveKey(subjectPublicKeyInfo) : null;
        }

        AsnReader key = new AsnReader(bits, AsnEncodingRules.BER).ReadSequence();
        return new RsaPublicKey(key.ReadInteger(), key.ReadInteger());
    }

    private static List<string> ReadKeyUsages(AsnReader extensions)
    {
        List<string> usages = [];
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            {
                extension.ReadBoolean();
            }

            if (oid == Oids.ExtendedKeyUsage)
            {
                AsnReader list = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
                while (list.HasData)
                {
                    usages.Add(list.ReadObjectIdentifier());
                }
            }
        }

        return usages;
    }
}
