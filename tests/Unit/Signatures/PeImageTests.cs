using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Signatures;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Signatures;

/// <summary>Signatures that osslsigncode makes, over a program that is at hand: our own assembly.</summary>
public sealed class PeImageTests
{
    [OracleFact("osslsigncode", "openssl")]
    public void A_foreign_signers_signatures_hold_until_the_file_is_changed()
    {
        using TempFolder folder = new();
        MakeCertificate(folder, "ours", "/CN=Sample Maker");
        string signed = Sign(folder, Unsigned(), "ours", "sha256");

        DriverSignature signature = Assert.Single(Signatures(File.ReadAllBytes(signed)));
        Assert.Equal((DriverSignatureKind.TestSigned, "Sample Maker", "SHA-256", null), (signature.Kind, signature.Signer, signature.Digest, signature.Problem));
        Assert.Null(signature.Timestamp);

        byte[] bytes = File.ReadAllBytes(signed);
        bytes[0x400] ^= 1;
        Assert.Equal(DriverSignatureKind.Damaged, Assert.Single(Signatures(bytes)).Kind);
        Assert.Equal(DriverSignatureKind.None, Assert.Single(Signatures(File.ReadAllBytes(Unsigned()))).Kind);
    }

    [OracleFact("osslsigncode", "openssl")]
    public void A_second_signature_with_another_digest_is_found_in_the_first()
    {
        using TempFolder folder = new();
        MakeCertificate(folder, "ours", "/CN=Sample Maker");
        string first = Sign(folder, Unsigned(), "ours", "sha1");
        string second = Sign(folder, first, "ours", "sha256", "-nest");

        Assert.Equal(["SHA-1", "SHA-256"], Signatures(File.ReadAllBytes(second)).Select(signature => signature.Digest));
        Assert.DoesNotContain(Signatures(File.ReadAllBytes(second)), signature => signature.Problem is not null);
    }

    /// <summary>The kinds are told from the names in the chain; a chain that was patched together does not hold.</summary>
    [OracleFact("osslsigncode", "openssl")]
    public void A_chain_must_be_signed_from_end_to_end()
    {
        using TempFolder folder = new();
        MakeCertificate(folder, "root", "/CN=Sample Root");
        MakeCertificate(folder, "false", "/CN=Sample Root");
        MakeChild(folder, "maker", "/CN=Sample Maker", "root");

        Assert.Equal(DriverSignatureKind.Publisher, SignedWith("root").Kind);
        DriverSignature broken = SignedWith("false");
        Assert.Equal(DriverSignatureKind.Damaged, broken.Kind);
        Assert.Contains("not signed by", broken.Problem, StringComparison.Ordinal);

        DriverSignature SignedWith(string issuer) =>
            Signatures(File.ReadAllBytes(Sign(folder, Unsigned(), "maker", "sha256", "-ac", folder.File(issuer + ".pem"))))[0];
    }

    /// <summary>Anybody can write Microsoft's name into a certificate.</summary>
    [OracleFact("osslsigncode", "openssl")]
    public void A_chain_that_only_bears_the_names_of_Microsofts_roots_leads_nowhere()
    {
        using TempFolder folder = new();
        foreach (string root in (string[])["Microsoft Root Certificate Authority 2010", "Microsoft Code Verification Root"])
        {
            MakeCertificate(folder, "root", $"/CN={root}");
            MakeChild(folder, "maker", "/CN=Microsoft Windows Hardware Compatibility Publisher", "root");

            DriverSignature alone = Assert.Single(Signatures(File.ReadAllBytes(Sign(folder, Unsigned(), "maker", "sha256"))));
            DriverSignature whole = Assert.Single(Signatures(File.ReadAllBytes(Sign(folder, Unsigned(), "maker", "sha256", "-ac", folder.File("root.pem")))));

            Assert.Equal((root, root), (alone.Root, whole.Root));
            Assert.Equal((DriverSignatureKind.Publisher, DriverSignatureKind.Publisher), (alone.Kind, whole.Kind));
        }
    }

    [OracleFact("osslsigncode", "openssl")]
    public void Signatures_by_elliptic_curves_are_verified_and_unknown_kinds_are_not_called_damaged()
    {
        ReadOnlySpan<byte> rsa = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
        using TempFolder folder = new();
        MakeCertificate(folder, "root", "/CN=Sample Root", "ec", "ec_paramgen_curve:P-384");
        MakeChild(folder, "maker", "/CN=Sample Maker", "root", "ec", "ec_paramgen_curve:P-256");
        string signed = Sign(folder, Unsigned(), "maker", "sha256", "-ac", folder.File("root.pem"));

        DriverSignature signature = Assert.Single(Signatures(File.ReadAllBytes(signed)));
        Assert.Equal((DriverSignatureKind.Publisher, null), (signature.Kind, signature.Problem));
        byte[] bytes = File.ReadAllBytes(signed);
        bytes[0x400] ^= 1;
        Assert.Equal(DriverSignatureKind.Damaged, Assert.Single(Signatures(bytes)).Kind);

        MakeCertificate(folder, "ours", "/CN=Sample Maker");
        byte[] other = File.ReadAllBytes(Sign(folder, Unsigned(), "ours", "sha256"));
        other[other.AsSpan().LastIndexOf(rsa) + rsa.Length - 1] = 10; // the signer says RSASSA-PSS
        DriverSignature unknown = Assert.Single(Signatures(other));
        Assert.Equal(DriverSignatureKind.Unknown, unknown.Kind);
        Assert.Contains("not known here", unknown.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x94, 0x7FFFFFFF)]
    [InlineData(0x94, 0x10)]
    [InlineData(0x90, 0x7FFFFFFF)]
    public void A_certificate_table_that_cannot_be_is_a_typed_error(int field, int value)
    {
        byte[] bytes = File.ReadAllBytes(Unsigned());
        int header = BitConverter.ToInt32(bytes, 0x3C);
        int shift = BitConverter.ToUInt16(bytes, header + 0x18) == 0x20B ? 0 : -0x10;
        BitConverter.TryWriteBytes(bytes.AsSpan(header + 0x18 + 0x90 + shift), 0x200);
        BitConverter.TryWriteBytes(bytes.AsSpan(header + 0x18 + 0x94 + shift), 0x20);
        BitConverter.TryWriteBytes(bytes.AsSpan(header + 0x18 + field + shift), value);

        DriverSignature signature = Assert.Single(Signatures(bytes));

        Assert.Equal(DriverSignatureKind.Damaged, signature.Kind);
        Assert.Equal("DriverBinaryDamaged", Assert.Throws<DiskFormatException>(() => Image(bytes).Signatures()).ErrorId);
    }

    private static string Unsigned() => typeof(PeImage).Assembly.Location;

    private static PeImage Image(byte[] bytes) => PeImage.Read(new MemoryBlockDevice(bytes), "driver.sys");

    private static IReadOnlyList<DriverSignature> Signatures(byte[] bytes) => DriverSignatures.Embedded(Image(bytes), "driver.sys");

    private static void MakeCertificate(TempFolder folder, string name, string subject, string algorithm = "rsa", string option = "rsa_keygen_bits:2048")
    {
        MakeKey(folder, name, algorithm, option);
        ForeignTool.RunOk("openssl", "req", "-x509", "-days", "30", "-subj", subject, "-key", folder.File(name + ".key"), "-out", folder.File(name + ".pem"));
    }

    private static void MakeChild(
        TempFolder folder, string name, string subject, string issuer, string algorithm = "rsa", string option = "rsa_keygen_bits:2048")
    {
        MakeKey(folder, name, algorithm, option);
        ForeignTool.RunOk("openssl", "req", "-new", "-subj", subject, "-key", folder.File(name + ".key"), "-out", folder.File(name + ".csr"));
        ForeignTool.RunOk("openssl", "x509", "-req", "-in", folder.File(name + ".csr"), "-days", "30", "-CA", folder.File(issuer + ".pem"),
            "-CAkey", folder.File(issuer + ".key"), "-set_serial", "77", "-out", folder.File(name + ".pem"));
    }

    private static void MakeKey(TempFolder folder, string name, string algorithm, string option) =>
        ForeignTool.RunOk("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", folder.File(name + ".key"));

    private static string Sign(TempFolder folder, string file, string name, string digest, params string[] more)
    {
        string signed = folder.File($"signed-{Guid.NewGuid():N}.sys");
        ForeignTool.RunOk("osslsigncode", ["sign", "-certs", folder.File(name + ".pem"), "-key", folder.File(name + ".key"), "-h", digest,
            .. more, "-in", file, "-out", signed]);
        return signed;
    }
}
