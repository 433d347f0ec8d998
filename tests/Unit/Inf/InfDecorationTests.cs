using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Unit.Inf;

/// <summary>Which models section Windows takes: learn.microsoft.com/windows-hardware/drivers/install/inf-manufacturer-section.</summary>
public sealed class InfDecorationTests
{
    [Theory]
    // Architecture.
    [InlineData("NTx86,NTamd64,NTarm64", "amd64", 10, 0, 19045, 1, "NTamd64")]
    [InlineData("NTx86,NTamd64,NTARM64", "arm64", 10, 0, 22631, 1, "NTARM64")]
    [InlineData("NTx86,NTamd64", "x86", 10, 0, 19045, 1, "NTx86")]
    [InlineData("NTx86,NTamd64", "arm64", 10, 0, 22631, 1, null)]
    [InlineData("NT,NTx86", "x86", 5, 1, 2600, 1, "NTx86")]
    [InlineData("NT", "x86", 5, 1, 2600, 1, "NT")]
    [InlineData("NT", "amd64", 6, 1, 7601, 1, null)]
    // The highest version that is not higher than Windows'.
    [InlineData("NTamd64.6.1,NTamd64.6.3,NTamd64.10.0", "amd64", 6, 3, 9600, 1, "NTamd64.6.3")]
    [InlineData("NTamd64.10.0,NTamd64.6.3,NTamd64.6.1", "amd64", 6, 2, 9200, 3, "NTamd64.6.1")]
    [InlineData("NTamd64.6.3", "amd64", 10, 0, 19045, 1, "NTamd64.6.3")]
    [InlineData("NTamd64.6.3", "amd64", 6, 1, 7601, 1, null)]
    [InlineData("NTamd64,NTamd64.6.1", "amd64", 6, 0, 6002, 1, "NTamd64")]
    [InlineData("ntx86,ntx86.6.0", "x86", 6, 1, 7601, 1, "ntx86.6.0")]
    [InlineData("NTx86.5.1,NTx86.5.2", "x86", 5, 2, 3790, 3, "NTx86.5.2")]
    // Builds.
    [InlineData("NTamd64.10.0...16299", "amd64", 10, 0, 17134, 3, "NTamd64.10.0...16299")]
    [InlineData("NTamd64.10.0...16299", "amd64", 10, 0, 15063, 1, null)]
    [InlineData("NTamd64.10.0,NTamd64.10.0...16299,NTamd64.10.0...22000", "amd64", 10, 0, 19045, 1, "NTamd64.10.0...16299")]
    [InlineData("NTamd64.10.0,NTamd64.10.0...14310", "amd64", 10, 0, 10240, 1, "NTamd64.10.0")]
    [InlineData("NTamd64.6.3...9600", "amd64", 10, 0, 19045, 1, "NTamd64.6.3...9600")]
    [InlineData("NTamd64.6.3...99999", "amd64", 10, 0, 19045, 1, "NTamd64.6.3...99999")]
    [InlineData("NTamd64.6.3...9600", "amd64", 6, 3, 9600, 1, null)]
    // Product types, as in Intel's e1d68x64.inf.
    [InlineData("NTamd64.10.0,NTamd64.10.0.1,NTamd64.10.0...18362,NTamd64.10.0.1..18362", "amd64", 10, 0, 19045, 1, "NTamd64.10.0.1..18362")]
    [InlineData("NTamd64.10.0,NTamd64.10.0.1,NTamd64.10.0...18362,NTamd64.10.0.1..18362", "amd64", 10, 0, 17763, 1, "NTamd64.10.0.1")]
    [InlineData("NTamd64.10.0,NTamd64.10.0.1,NTamd64.10.0...18362,NTamd64.10.0.1..18362", "amd64", 10, 0, 20348, 3, "NTamd64.10.0...18362")]
    [InlineData("NTamd64.10.0,NTamd64.10.0.1,NTamd64.10.0...18362,NTamd64.10.0.1..18362", "amd64", 10, 0, 17763, 3, "NTamd64.10.0")]
    [InlineData("NTx86.5.1.0x0000003,NTx86.5.1", "x86", 5, 2, 3790, 3, "NTx86.5.1.0x0000003")]
    // Suites are not known of a powered-off guest.
    [InlineData("NTx86.5.1..0x2,NTx86.5.1", "x86", 5, 2, 3790, 3, "NTx86.5.1")]
    // What is no decoration is passed over.
    [InlineData("NTamd64.ten,amd64,NTmips,NTamd64.6.1.1.1.1.1", "amd64", 10, 0, 19045, 1, null)]
    public void The_best_match_is_chosen(
        string decorations, string architecture, int major, int minor, int build, int productType, string? expected)
    {
        InfTarget target = new(architecture, major, minor, build, productType);

        Assert.Equal(expected, InfDecoration.Choose(decorations.Split(','), target)?.Text);
    }

    [Fact]
    public void The_undecorated_models_count_on_x86_only()
    {
        InfFile inf = InfFileTests.Parse("""
            [Version]
            Signature="$Windows NT$"
            [Manufacturer]
            %A% = Plain
            %B% = Both, NTx86.6.0
            [Plain]
            %D% = inst, PCI\A, PCI\B
            [Both]
            %D% = inst, PCI\C
            [Both.NTx86.6.0]
            """);

        Assert.Equal(["Plain", "Both"], inf.Models(InfTargets.Xp).Select(models => models.Section));
        Assert.Equal(["Plain", "Both.NTx86.6.0"], inf.Models(InfTargets.Vista32).Select(models => models.Section));
        Assert.Empty(inf.Models(InfTargets.Windows7));
        InfModel model = inf.Models(InfTargets.Xp)[0].Models[0];
        Assert.Equal(("%D%", "inst", @"PCI\A"), (model.Description, model.InstallSection, model.HardwareId));
        Assert.Equal([@"PCI\B"], model.CompatibleIds);
    }
}
