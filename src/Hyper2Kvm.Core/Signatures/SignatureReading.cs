using System.Formats.Asn1;

namespace Hyper2Kvm.Signatures;

/// <summary>Who made a signature, when, by which certificates, and whether its mathematics hold. No trust store is asked: the names are
/// those in the certificates, and only Microsoft's roots are known by their keys.</summary>
internal sealed class SignatureReading
{
    private const int MaximumChain = 10;

    private SignatureReading(SignedMessage message, Asn1Place place)
    {
        Message = message;
        if (message.Signer is not { } signer)
        {
            Problem = "it has no signer";
            return;
        }

        Digest = DigestKind.Of(signer.DigestOid)?.Name ?? signer.DigestOid;
        if (signer.FindCertificate(message.Certificates) is not { } certificate)
        {
            Problem = "the signer's certificate is missing";
            return;
        }

        Signer = certificate;
        Chain = ChainOf(certificate, message.Certificates);
        IsUnknownKind = !signer.IsKnown(certificate);
        Problem = signer.ProblemWith(message.Content, message.ContentType, certificate) ?? ProblemOf(Chain);
        Timestamp = Countersigned(signer, message.Certificates) ?? Timestamped(signer, place);
    }

    public SignedMessage Message { get; }

    /// <summary>What is wrong with it, or null.</summary>
    public string? Problem { get; }

    /// <summary>Name of the hash algorithm that is signed.</summary>
    public string Digest { get; } = "";

    public Certificate? Signer { get; }

    /// <summary>The signer's certificate first, then those of its issuers as far as the message has them.</summary>
    public IReadOnlyList<Certificate> Chain { get; } = [];

    /// <summary>Who issued the last certificate of the chain.</summary>
    public string Root => Chain.Count == 0 ? "" : Chain[^1].Issuer;

    /// <summary>The chain leads to one of Microsoft's roots, by its key and not by its name alone.</summary>
    public bool LeadsToMicrosoft => Chain.Count > 0 && MicrosoftRoots.Issued(Chain[^1]);

    /// <summary>The signature is made in a way that cannot be judged here, which is no sign of damage.</summary>
    public bool IsUnknownKind { get; }

    /// <summary>The time that a timestamping authority vouches for; null when there is none, or it does not hold.</summary>
    public DateTime? Timestamp { get; }

    public static SignatureReading Of(SignedMessage message, Asn1Place place) => new(message, place);

    private static List<Certificate> ChainOf(Certificate signer, IReadOnlyList<Certificate> certificates)
    {
        List<Certificate> chain = [signer];
        while (!chain[^1].IsSelfIssued && chain.Count < MaximumChain && IssuerOf(chain[^1], certificates) is { } issuer && !chain.Contains(issuer))
        {
            chain.Add(issuer);
        }

        return chain;
    }

    private static Certificate? IssuerOf(Certificate child, IReadOnlyList<Certificate> certificates)
    {
        foreach (Certificate candidate in certificates)
        {
            if (candidate.RawSubject.AsSpan().SequenceEqual(child.RawIssuer))
            {
                return candidate;
            }
        }

        return null;
    }

    private static string? ProblemOf(IReadOnlyList<Certificate> chain)
    {
        for (int i = 0; i + 1 < chain.Count; i++)
        {
            if (!chain[i].IsSignedBy(chain[i + 1]))
            {
                return $"the certificate of '{chain[i].Subject}' is not signed by '{chain[i + 1].Subject}'";
            }
        }

        return null;
    }

    private static DateTime? Countersigned(MessageSigner signer, IReadOnlyList<Certificate> certificates) =>
        signer.Countersigner is { } counter
        && counter.FindCertificate(certificates) is { } certificate
        && counter.ProblemWith(signer.Signature, null, certificate) is null
            ? counter.SigningTime
            : null;

    /// <summary>RFC 3161 2.4.2: the token's content names the hash of what it stamps, here of the signature.</summary>
    private static DateTime? Timestamped(MessageSigner signer, Asn1Place place)
    {
        if (signer.TimestampToken is not { } bytes || SignedMessage.Read(bytes, place) is not { ContentType: Oids.TimestampInfo, Signer: { } stamper } token
            || stamper.FindCertificate(token.Certificates) is not { } certificate
            || stamper.ProblemWith(token.Content, token.ContentType, certificate) is not null)
        {
            return null;
        }

        return place.Read(token.Content, (reader, _) => TimeOf(reader.ReadSequence(), signer.Signature));
    }

    private static DateTime? TimeOf(AsnReader info, byte[] stamped)
    {
        info.ReadInteger();
        info.ReadObjectIdentifier();
        AsnReader imprint = info.ReadSequence();
        DigestKind? digest = DigestKind.Of(imprint.ReadSequence().ReadObjectIdentifier());
        byte[] hash = imprint.ReadOctetString();
        info.ReadInteger();
        DateTime time = Certificate.ReadTime(info);
        return digest is not null && hash.AsSpan().SequenceEqual(digest.Hash(stamped)) ? time : null;
    }
}
