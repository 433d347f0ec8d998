using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>SignerName and SignerScore of a package: what its catalog is worth, not what names stand in it.</summary>
public sealed class PackageSignerTests
{
    private const string Publisher = "Microsoft Windows Hardware Compatibility Publisher";

    [Theory]
    [InlineData(DriverSignatureKind.HardwareCertified, Publisher, 0x0D000005)]
    [InlineData(DriverSignatureKind.Attested, Publisher, 0x0D000005)]
    [InlineData(DriverSignatureKind.Windows, Publisher, 0x0D000003)]
    [InlineData(DriverSignatureKind.CrossSigned, Publisher, 0x0F000000)]
    [InlineData(DriverSignatureKind.Publisher, Publisher, 0x0F000000)]
    [InlineData(DriverSignatureKind.TestSigned, null, 0x80000000)]
    [InlineData(DriverSignatureKind.Damaged, null, 0x80000000)]
    [InlineData(DriverSignatureKind.None, null, 0x80000000)]
    public void The_guest_holds_what_the_catalog_is_worth(DriverSignatureKind kind, string? name, uint score)
    {
        DriverSignature catalog = new() { File = "viostor.cat", IsEmbedded = false, Kind = kind, Signer = Publisher };

        Assert.Equal((name, score), Written([Embedded, catalog]));
    }

    [Fact]
    public void A_signature_in_the_driver_itself_does_not_sign_the_package() => Assert.Equal((null, 0x80000000u), Written([Embedded]));

    private static DriverSignature Embedded { get; } =
        new() { File = "viostor.sys", IsEmbedded = true, Kind = DriverSignatureKind.HardwareCertified, Signer = Publisher };

    private static (string? Name, uint Score) Written(DriverSignature[] signatures)
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        VirtioDriverPlan plan = Plans.Plan(disk);
        plan = plan with { Storage = [plan.Storage[0] with { Signatures = signatures }] };

        GuestEdit edit = Plans.Run(Plans.Request(plan, disk));

        string package = $@"HKLM\SYSTEM\DriverDatabase\DriverPackages\{plan.Storage[0].PackageLabel}\";
        string? Value(string name) => edit.Changes.SingleOrDefault(change => change.Target == package + name)?.After;
        return (Value("SignerName")?.Split('"')[1], Convert.ToUInt32(Value("SignerScore")!.Split(' ')[1], 16));
    }
}
