using System.Xml.Linq;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration;

/// <summary>The decision rules of the boot cycle, one test each.</summary>
public sealed class MigrationRuleTests
{
    [Fact]
    public void Without_Windows_it_says_so_and_stops()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("linux-ext4"), folder);
        MigrationOutcome outcome = Migrations.Run(disk, Migrations.Settings(folder.File("out")));

        Assert.Equal((KvmMigrationState.NoWindows, "WindowsNotFound"), (outcome.Result.State, outcome.Result.ErrorId));
        KvmMigrationDecision only = Assert.Single(outcome.Result.Decisions);
        Assert.Equal(("Windows detected?", "No"), (only.Question, only.Answer));
        Assert.Contains("Linux pipeline", only.Consequence, StringComparison.Ordinal);
        Assert.Contains("Linux pipeline", Assert.Single(outcome.Result.NextSteps), StringComparison.Ordinal);
        Assert.Equal([KvmMigrationStep.Inspect], outcome.Result.Stages.Select(stage => stage.Step));
        Assert.False(Directory.Exists(folder.File("out")));
    }

    [Fact]
    public void UEFI_is_preserved_with_OVMF_and_an_NVRAM()
    {
        using TempFolder folder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Migrations.Settings()));

        Assert.Equal("UEFI", Decision(result, "Firmware?").Answer);
        Assert.Equal([DomainPhase.Bootstrap, DomainPhase.Final], result.Domains.Select(domain => domain.Phase));
        Assert.All(result.Domains, domain =>
        {
            XElement os = XDocument.Load(domain.Path!).Root!.Element("os")!;
            Assert.Equal("efi", os.Attribute("firmware")!.Value);
            // Firmware that libvirt chooses gets a variable store of its own, unless it is told to have none.
            Assert.Null(os.Element("loader"));
        });
    }

    [Fact]
    public void BIOS_is_preserved_with_SeaBIOS()
    {
        using TempFolder folder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.Windows7Disk, folder), Migrations.Settings()));

        Assert.Equal("BIOS", Decision(result, "Firmware?").Answer);
        Assert.All(result.Domains, domain =>
        {
            XElement os = XDocument.Load(domain.Path!).Root!.Element("os")!;
            Assert.Null(os.Attribute("firmware"));
            Assert.Null(os.Element("nvram"));
        });
    }

    [Fact]
    public void A_guest_that_is_not_ready_gets_the_drivers_and_then_both_domains()
    {
        using TempFolder folder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Migrations.Settings()));

        Assert.Equal("No", Decision(result, "VirtIO boot-ready?").Answer);
        Assert.True(Plans.Probe(result.ImagePath!).IsVirtioBootReady);
        Assert.Equal(["BootStartStorage", "BootstrapControllers", "DeviceDatabase"], result.Edit!.Steps);
        Assert.Equal("sata", DiskBus(result.Domains[0]));
        Assert.Equal("virtio", DiskBus(result.Domains[1]));
    }

    [Fact]
    public void Drivers_besides_storage_are_laid_ready_where_they_are_asked_for()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        MigrationSettings settings = Migrations.Settings() with { Devices = [VirtioDevice.Network], RecoveryEnvironment = true };
        KvmMigration result = Migrations.Good(Migrations.Run(disk, settings));
        Assert.Equal(["BootStartStorage", "BootstrapControllers", "FirstBoot-recovery-drivers", "DeviceDatabase", "DriverPackages"], result.Edit!.Steps);

        // The guest is ready now, and its drivers are still to come from somewhere.
        MigrationOutcome none = Migrations.Run(
            result.ImagePath!, Migrations.Settings(folder.File("out")) with { Devices = [VirtioDevice.Network], DriverSource = null, Rules = null });
        Assert.Equal("DriverSourceMissing", none.Result.ErrorId);
    }

    [Fact]
    public void A_guest_that_is_ready_gets_no_drivers_and_its_bootstrap_boot_is_optional_but_recommended()
    {
        using TempFolder folder = new();
        string ready = Plans.Edit(Fixtures.Copy(Fixtures.SampleDisk, folder)).ImagePath;
        KvmMigration result = Migrations.Good(
            Migrations.Run(ready, Migrations.Settings(folder.File("out")) with { DriverSource = null, Rules = null }));

        KvmMigrationDecision decision = Decision(result, "VirtIO boot-ready?");
        Assert.StartsWith("Yes", decision.Answer, StringComparison.Ordinal);
        Assert.Contains("optional, still recommended", decision.Consequence, StringComparison.Ordinal);
        Assert.Equal(KvmMigrationStageState.Skipped, result.Stage(KvmMigrationStep.Plan).State);
        Assert.DoesNotContain("BootStartStorage", result.Edit!.Steps);
        Assert.Equal([DomainPhase.Bootstrap, DomainPhase.Final], result.Domains.Select(domain => domain.Phase));
        Assert.StartsWith("Optional, still recommended", result.NextSteps[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_drivers_a_guest_that_needs_them_is_refused()
    {
        using TempFolder folder = new();
        MigrationOutcome outcome = Migrations.Run(
            Fixtures.Copy(Fixtures.SampleDisk, folder), Migrations.Settings(folder.File("out")) with { DriverSource = null });
        Assert.Equal((KvmMigrationState.Failed, "DriverSourceMissing"), (outcome.Result.State, outcome.Result.ErrorId));
        Assert.Equal(KvmMigrationStageState.Failed, outcome.Result.Stage(KvmMigrationStep.Plan).State);
    }

    private static KvmMigrationDecision Decision(KvmMigration migration, string question) =>
        Assert.Single(migration.Decisions, decision => decision.Question == question);

    private static string DiskBus(KvmDomain domain) => XDocument.Parse(domain.Xml).Root!.Descendants("disk").First().Element("target")!.Attribute("bus")!.Value;
}
