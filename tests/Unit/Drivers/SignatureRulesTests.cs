using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.Unit.Drivers;

public sealed class SignatureRulesTests
{
    private static readonly DateTime s_now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>What a Windows does with a driver that starts at boot and carries that signature.</summary>
    [Theory]
    [InlineData(20348, true, GuestArchitecture.X64, DriverSignatureKind.HardwareCertified, "SHA-256", null)]
    [InlineData(19045, false, GuestArchitecture.X64, DriverSignatureKind.Attested, "SHA-256", null)]
    [InlineData(9600, true, GuestArchitecture.X64, DriverSignatureKind.CrossSigned, "SHA-1", null)]
    [InlineData(9600, true, GuestArchitecture.X64, DriverSignatureKind.TestSigned, "SHA-256", "test-signed")]
    [InlineData(20348, true, GuestArchitecture.X64, DriverSignatureKind.None, "", "no signature")]
    [InlineData(20348, true, GuestArchitecture.X64, DriverSignatureKind.Damaged, "SHA-256", "does not hold")]
    [InlineData(7601, true, GuestArchitecture.X64, DriverSignatureKind.Publisher, "SHA-1", "do not lead to Microsoft")]
    [InlineData(7601, true, GuestArchitecture.X64, DriverSignatureKind.CrossSigned, "SHA-1", null)]
    [InlineData(7601, true, GuestArchitecture.X64, DriverSignatureKind.CrossSigned, "SHA-256", "KB4474419")]
    [InlineData(6003, true, GuestArchitecture.X64, DriverSignatureKind.HardwareCertified, "SHA-256", "KB4474419")]
    [InlineData(22631, false, GuestArchitecture.Arm64, DriverSignatureKind.None, "", "no signature")]
    [InlineData(19045, false, GuestArchitecture.X86, DriverSignatureKind.None, "", null)]
    [InlineData(2600, false, GuestArchitecture.X86, DriverSignatureKind.None, "", null)]
    [InlineData(3790, true, GuestArchitecture.X64, DriverSignatureKind.TestSigned, "SHA-1", null)]
    public void A_boot_driver_loads_or_not(
        int build, bool isServer, GuestArchitecture architecture, DriverSignatureKind kind, string digest, string? expected)
    {
        WindowsLayout guest = SampleDrivers.Guest(build, isServer, architecture) with { VerifiesSha2 = build >= 9200 };

        string? obstacle = SignatureRules.Obstacle(guest, startsAtBoot: true, [Signature(kind, digest)], s_now);

        if (expected is null)
        {
            Assert.Null(obstacle);
        }
        else
        {
            Assert.Contains(expected, obstacle, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_good_signature_is_enough_and_a_catalogs_is_enough_for_drivers_that_start_later()
    {
        WindowsLayout guest = SampleDrivers.Guest(7601, true) with { VerifiesSha2 = false };
        DriverSignature sha2 = Signature(DriverSignatureKind.CrossSigned, "SHA-256");
        Assert.Null(SignatureRules.Obstacle(guest, true, [sha2, Signature(DriverSignatureKind.CrossSigned, "SHA-1")], s_now));
        Assert.Null(SignatureRules.Obstacle(guest with { VerifiesSha2 = true }, true, [sha2], s_now));

        DriverSignature none = Signature(DriverSignatureKind.None, "");
        DriverSignature catalog = Signature(DriverSignatureKind.CrossSigned, "SHA-1") with { IsEmbedded = false, File = "netkvm.cat" };
        Assert.Null(SignatureRules.Obstacle(guest, false, [none, catalog], s_now));
        Assert.Contains("no signature", SignatureRules.Obstacle(guest, true, [none, catalog], s_now), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_signature_lives_on_by_its_timestamp_alone()
    {
        WindowsLayout guest = SampleDrivers.Guest(20348, true);
        DriverSignature expired = Signature(DriverSignatureKind.HardwareCertified, "SHA-256") with { NotAfter = s_now.AddDays(-1) };
        Assert.Null(SignatureRules.Obstacle(guest, true, [expired], s_now));
        Assert.Contains("timestamp", SignatureRules.Obstacle(guest, true, [expired with { Timestamp = null }], s_now), StringComparison.Ordinal);
    }

    [Fact]
    public void What_depends_on_secure_boot_is_warned_of()
    {
        WindowsLayout server = SampleDrivers.Guest(20348, true) with { Firmware = FirmwareMode.Uefi };
        DriverSignature attested = Signature(DriverSignatureKind.Attested, "SHA-256");
        DriverSignature late = Signature(DriverSignatureKind.CrossSigned, "SHA-256") with { NotBefore = new(2016, 1, 1, 0, 0, 0, DateTimeKind.Utc) };
        Assert.Contains("attestation", Assert.Single(SignatureRules.Warnings(server, [attested], s_now)), StringComparison.Ordinal);
        Assert.Contains("July 2015", Assert.Single(SignatureRules.Warnings(server, [late], s_now)), StringComparison.Ordinal);
        Assert.Empty(SignatureRules.Warnings(server with { Firmware = FirmwareMode.Bios }, [attested, late], s_now));
    }

    /// <summary>bcdedit /set testsigning on, nointegritychecks on.</summary>
    [Theory]
    [InlineData(20348, "testsigning", DriverSignatureKind.TestSigned, "SHA-256", true)]
    [InlineData(20348, "testsigning", DriverSignatureKind.Publisher, "SHA-256", true)]
    [InlineData(20348, "testsigning", DriverSignatureKind.None, "", false)]
    [InlineData(20348, "testsigning", DriverSignatureKind.Damaged, "SHA-256", false)]
    [InlineData(20348, "testsigning", DriverSignatureKind.Unknown, "SHA-256", false)]
    [InlineData(7601, "testsigning", DriverSignatureKind.TestSigned, "SHA-1", true)]
    [InlineData(7601, "testsigning", DriverSignatureKind.TestSigned, "SHA-256", false)]
    [InlineData(6003, "nointegritychecks", DriverSignatureKind.TestSigned, "SHA-256", true)]
    [InlineData(6003, "nointegritychecks", DriverSignatureKind.None, "", true)]
    [InlineData(7601, "nointegritychecks", DriverSignatureKind.TestSigned, "SHA-1", false)]
    [InlineData(20348, "nointegritychecks", DriverSignatureKind.TestSigned, "SHA-256", false)]
    public void What_the_boot_store_switches_on_is_regarded_and_told(int build, string name, DriverSignatureKind kind, string digest, bool loads)
    {
        WindowsLayout off = SampleDrivers.Guest(build, true) with { VerifiesSha2 = build >= 9200 };
        WindowsLayout on = off with { TestSigning = name == "testsigning", NoIntegrityChecks = name == "nointegritychecks" };
        DriverSignature signature = Signature(kind, digest);

        Assert.NotNull(SignatureRules.Obstacle(off, true, [signature], s_now));
        Assert.Equal(loads, SignatureRules.Obstacle(on, true, [signature], s_now) is null);
        Assert.Equal(loads, SignatureRules.Warnings(on, [signature], s_now).Any(warning => warning.Contains(name, StringComparison.Ordinal)));
        Assert.Empty(SignatureRules.Warnings(on, [Signature(DriverSignatureKind.HardwareCertified, "SHA-1")], s_now));
    }

    [Fact]
    public void Test_signing_does_not_outlive_Secure_Boot()
    {
        WindowsLayout guest = SampleDrivers.Guest(20348, true) with { TestSigning = true, Firmware = FirmwareMode.Uefi };

        string warning = Assert.Single(SignatureRules.Warnings(guest, [Signature(DriverSignatureKind.TestSigned, "SHA-256")], s_now));

        Assert.Contains("Secure Boot off", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2:6.3", 9600, true)]
    [InlineData("2:6.3", 20348, false)]
    [InlineData("2:10.0", 26100, true)]
    [InlineData("_v100_X64_21H2", 19045, true)]
    [InlineData("Server_v100_X64_RS5", 9600, false)]
    [InlineData("7X64", 7601, true)]
    [InlineData("Server2008R2X64", 7601, true)]
    [InlineData("Server2008R2X64", 6003, false)]
    [InlineData("something new", 26100, true)]
    public void The_systems_of_a_catalog_are_understood(string system, int build, bool fits) =>
        Assert.Equal(fits, CatalogSystems.Fit([system], SampleDrivers.Guest(build).Windows));

    private static DriverSignature Signature(DriverSignatureKind kind, string digest) => new()
    {
        File = "viostor.sys",
        IsEmbedded = true,
        Kind = kind,
        Signer = "Red Hat, Inc.",
        Root = "root",
        Digest = digest,
        NotBefore = new(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        NotAfter = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        Timestamp = new(2015, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    };
}
