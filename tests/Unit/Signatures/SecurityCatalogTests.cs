using System.Formats.Asn1;
using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Signatures;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Signatures;

public sealed partial class SecurityCatalogTests
{
    private const string Digests = "ground-truth/authenticode.md";
    private const string Attested = "virtio-drivers/Win10-amd64-100.85.104.20800/viostor.cat";
    private const string CrossSigned = "virtio-drivers/Win7-amd64/viostor.cat";
    private const string TestSigned = "virtio-drivers/Win8.1-amd64/viostor.cat";

    [DataFact(Digests, CrossSigned)]
    public void Real_catalogs_list_the_digests_of_their_drivers()
    {
        int rows = 0;
        foreach (Match row in Row().Matches(File.ReadAllText(SharedData.PathOf(Digests))))
        {
            string name = $"{Path.GetDirectoryName(row.Groups["file"].Value)}/{row.Groups["cat"].Value}";
            SecurityCatalog catalog = SecurityCatalog.Parse(SharedData.Read(name), name);
            Assert.Null(catalog.Signature.Problem);
            Assert.True(catalog.Signature.Timestamp is not null, $"{name}: no timestamp");
            byte[] sha1 = Convert.FromHexString(row.Groups["sha1"].Value);
            byte[] sha256 = Convert.FromHexString(row.Groups["sha256"].Value);
            Assert.Equal(row.Groups["listed"].Value.Split('+'), Listed(catalog, sha1, sha256));
            sha1[0] ^= 1;
            Assert.False(catalog.Contains(sha1));
            rows++;
        }

        Assert.True(rows >= 18, $"{rows} rows read");
    }

    [DataFact(Attested, CrossSigned, TestSigned)]
    public void Real_catalogs_tell_who_signed_them_and_how()
    {
        SecurityCatalog microsoft = Read(Attested);
        Assert.Equal("Microsoft Windows Hardware Compatibility Publisher", microsoft.Signature.Signer!.Subject);
        Assert.Equal("Microsoft Root Certificate Authority 2010", microsoft.Signature.Root);
        Assert.True(DriverSignatures.KindOf(microsoft.Signature) is DriverSignatureKind.HardwareCertified or DriverSignatureKind.Attested);
        Assert.Equal("SHA-256", microsoft.Signature.Digest);
        Assert.NotEmpty(microsoft.Systems);

        SecurityCatalog redHat = Read(CrossSigned);
        Assert.Equal(DriverSignatureKind.CrossSigned, DriverSignatures.KindOf(redHat.Signature));
        Assert.Equal(("Red Hat, Inc", "SHA-1"), (redHat.Signature.Signer!.Subject, redHat.Signature.Digest));

        SecurityCatalog test = Read(TestSigned);
        Assert.Equal(DriverSignatureKind.TestSigned, DriverSignatures.KindOf(test.Signature));
        Assert.Contains("2:6.3", test.Systems);
    }

    /// <summary>No flipped byte passes for signed, and none does worse than a typed error.</summary>
    [DataFact(CrossSigned)]
    public void A_changed_catalog_is_never_taken_for_signed()
    {
        byte[] good = SharedData.Read(CrossSigned);
        SecurityCatalog whole = SecurityCatalog.Parse(good, "viostor.cat");
        int content = good.AsSpan().IndexOf(whole.Signature.Message.Content);
        for (int at = content; at < content + whole.Signature.Message.Content.Length; at += 7)
        {
            byte[] bad = (byte[])good.Clone();
            bad[at] ^= 0x41;
            Assert.NotNull(ProblemOf(bad));
        }

        for (int length = 0; length < good.Length; length += 101)
        {
            Assert.NotNull(ProblemOf(good[..length]));
        }
    }

    /// <summary>Of each age: named by text and by digest, SHA-1 and both.</summary>
    [DataFact(Attested, CrossSigned, "virtio-drivers/Wxp-x86/viostor.cat")]
    public void A_package_whose_INF_was_changed_is_not_the_one_that_was_signed()
    {
        foreach (string path in (string[])[Attested, CrossSigned, "virtio-drivers/Wxp-x86/viostor.cat"])
        {
            byte[] inf = SharedData.Read(Path.ChangeExtension(path, ".inf"));
            Assert.Null(Judged(inf).Problem);
            Assert.Equal("it does not list 'viostor.sys' as found here", JudgedWithDriver(inf).Problem);

            inf[^1] ^= 1;

            Assert.Equal((DriverSignatureKind.Damaged, "it does not list 'viostor.inf' as found here"), (Judged(inf).Kind, Judged(inf).Problem));
            Assert.Equal("it does not list 'viostor.sys' and 'viostor.inf' as found here", JudgedWithDriver(inf).Problem);

            DriverSignature Judged(byte[] content) =>
                DriverSignatures.InCatalog(new MemoryBlockDevice(SharedData.Read(path)), "viostor.cat", content, "viostor.inf");

            DriverSignature JudgedWithDriver(byte[] content) => DriverSignatures.InCatalog(
                new MemoryBlockDevice(SharedData.Read(path)), "viostor.cat",
                PeImage.Read(new FileBlockDevice(typeof(SecurityCatalog).Assembly.Location), "viostor.sys"), "viostor.sys", content, "viostor.inf");
        }
    }

    [Fact]
    public void What_is_no_catalog_is_refused()
    {
        Assert.Equal("CatalogDamaged", Assert.Throws<DiskFormatException>(() => SecurityCatalog.Parse("catalog"u8.ToArray(), "x.cat")).ErrorId);
        Assert.Equal("CatalogDamaged", Assert.Throws<DiskFormatException>(() => SecurityCatalog.Parse([], "x.cat")).ErrorId);
    }

    /// <summary>Each name is compared with those before it: without a bound a catalog of 16 MiB would keep us busy for hours.</summary>
    [Fact]
    public void The_systems_that_a_catalog_names_are_bounded()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.SignedData);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.PushSetOf().Dispose();
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Oids.TrustList);
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    {
                        WriteList(writer, string.Join(',', Enumerable.Range(0, 500_000)));
                    }
                }

                writer.PushSetOf().Dispose();
            }
        }

        Assert.Equal(1000, SecurityCatalog.Parse(writer.Encode(), "x.cat").Systems.Count);
    }

    private static void WriteList(AsnWriter writer, string systems)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.CatalogList);
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.CatalogMembersByDigest);
            }

            AsnWriter pair = new(AsnEncodingRules.DER);
            using (pair.PushSequence())
            {
                pair.WriteCharacterString(UniversalTagNumber.BMPString, "OSAttr");
                pair.WriteInteger(0);
                pair.WriteOctetString(Encoding.Unicode.GetBytes(systems));
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.CatalogNameValue);
                writer.WriteOctetString(pair.Encode());
            }
        }
    }

    private static string? ProblemOf(byte[] bytes)
    {
        try
        {
            return SecurityCatalog.Parse(bytes, "viostor.cat").Signature.Problem;
        }
        catch (DiskFormatException exception)
        {
            return exception.ErrorId;
        }
    }

    private static SecurityCatalog Read(string path) => SecurityCatalog.Parse(SharedData.Read(path), path);

    private static string[] Listed(SecurityCatalog catalog, byte[] sha1, byte[] sha256) =>
        [.. new[] { (Name: "sha1", Digest: sha1), (Name: "sha256", Digest: sha256) }
            .Where(digest => catalog.Contains(digest.Digest)).Select(digest => digest.Name)];

    [GeneratedRegex(@"^\| (?<file>virtio-drivers/\S+) \|[^|]+\|[^|]+\| (?<sha1>[0-9a-f]{40}) \| (?<sha256>[0-9a-f]{64}) \|[^|]+\| (?<cat>\S+):(?<listed>\S+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
