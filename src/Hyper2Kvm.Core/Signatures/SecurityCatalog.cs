using System.Formats.Asn1;
using System.Text;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Signatures;

/// <summary>A security catalog (.cat): a signed list of file digests.</summary>
/// <remarks>The content is a certificate trust list, MS-CAESO 2.2.2.3.2 and wintrust.h: catalog attributes such as OSAttr stand in its
/// extensions, attributes of a member and its digest (SPC_INDIRECT_DATA) in the member's entry.</remarks>
internal sealed class SecurityCatalog
{
    private const int MaximumSize = 16 << 20;
    private const int MaximumMembers = 200_000;

    /// <summary>Real catalogs name a dozen.</summary>
    private const int MaximumSystems = 1000;
    private const string ErrorId = "CatalogDamaged";

    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 0);

    private readonly HashSet<string> _digests = new(StringComparer.Ordinal);
    private readonly List<string> _systems = [];
    private bool _isNamedByDigest;

    private SecurityCatalog(SignedMessage message, Asn1Place place)
    {
        Signature = SignatureReading.Of(message, place);
        if (message.ContentType != Oids.TrustList)
        {
            throw place.Damaged($"a certificate trust list ({Oids.TrustList})", message.ContentType);
        }

        // The content is the trust list's value; its fields follow each other without an enclosing tag.
        place.Read(message.Content, ReadList);
    }

    public SignatureReading Signature { get; }

    /// <summary>The Windows versions that the signer made it for, as written: <c>2:10.0</c>, <c>_v100_X64_21H2</c>.</summary>
    public IReadOnlyList<string> Systems => _systems;

    public int DigestCount => _digests.Count;

    /// <exception cref="Diagnostics.DiskFormatException"><c>CatalogDamaged</c>, <c>CatalogTooLarge</c>.</exception>
    public static SecurityCatalog Read(IBlockDevice file, string name) => Parse(file.ReadAll(MaximumSize, "CatalogTooLarge", name), name);

    /// <exception cref="Diagnostics.DiskFormatException"><c>CatalogDamaged</c>.</exception>
    public static SecurityCatalog Parse(byte[] bytes, string name)
    {
        Asn1Place place = new(ErrorId, name);
        return new SecurityCatalog(SignedMessage.Read(bytes, place), place);
    }

    /// <summary>The catalog lists that digest: an Authenticode digest of a PE file, or the plain hash of another.</summary>
    public bool Contains(ReadOnlySpan<byte> digest) => _digests.Contains(Convert.ToHexString(digest));

    private bool ReadList(AsnReader list, Asn1Place place)
    {
        string usage = list.ReadSequence().ReadObjectIdentifier();
        if (usage != Oids.CatalogList)
        {
            throw place.Damaged($"a list of files ({Oids.CatalogList})", usage);
        }

        bool sawAlgorithm = false;
        while (list.HasData)
        {
            Asn1Tag tag = list.PeekTag();
            if (tag.HasSameClassAndValue(s_extensions))
            {
                ReadExtensions(list.ReadSequence(s_extensions).ReadSequence());
            }
            else if (tag.HasSameClassAndValue(Asn1Tag.Sequence) && sawAlgorithm)
            {
                ReadMembers(list.ReadSequence(), place);
            }
            else if (tag.HasSameClassAndValue(Asn1Tag.Sequence))
            {
                _isNamedByDigest = list.ReadSequence().ReadObjectIdentifier() == Oids.CatalogMembersByDigest;
                sawAlgorithm = true;
            }
            else
            {
                list.ReadEncodedValue(); // the list's identifier and its time
            }
        }

        return sawAlgorithm;
    }

    private void ReadMembers(AsnReader members, Asn1Place place)
    {
        int count = 0;
        while (members.HasData)
        {
            AsnReader member = members.ReadSequence();
            byte[] name = member.ReadOctetString();
            if (_isNamedByDigest)
            {
                _digests.Add(Convert.ToHexString(name));
            }

            AsnReader attributes = member.ReadSetOf(skipSortOrderValidation: true);
            while (attributes.HasData)
            {
                AsnReader attribute = attributes.ReadSequence();
                string oid = attribute.ReadObjectIdentifier();
                AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
                if (oid == Oids.IndirectData)
                {
                    _digests.Add(Convert.ToHexString(IndirectData.Read(values).Digest));
                }
                else if (oid == Oids.CatalogNameValue)
                {
                    ReadNameValue(values.ReadSequence());
                }
            }

            if (++count > MaximumMembers)
            {
                throw place.Damaged($"at most {MaximumMembers} members", "more");
            }
        }
    }

    private void ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            if (extension.ReadObjectIdentifier() == Oids.CatalogNameValue)
            {
                ReadNameValue(new AsnReader(extension.ReadOctetString(), AsnEncodingRules.BER).ReadSequence());
            }
        }
    }

    /// <summary>CAT_NAMEVALUE: name, flags, and the value as UTF-16 text.</summary>
    private void ReadNameValue(AsnReader pair)
    {
        string name = pair.ReadCharacterString(UniversalTagNumber.BMPString);
        pair.ReadInteger();
        string value = Encoding.Unicode.GetString(pair.ReadOctetString()).TrimEnd('\0');
        if (name != "OSAttr" && name != "OS")
        {
            return;
        }

        foreach (string system in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (_systems.Count < MaximumSystems && !_systems.Contains(system))
            {
                _systems.Add(system);
            }
        }
    }
}
