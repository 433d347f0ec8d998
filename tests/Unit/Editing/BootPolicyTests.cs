using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

public sealed class BootPolicyTests
{
    [Theory]
    [InlineData("sample")]
    [InlineData("win7-bios")]
    public void Settings_are_written_once_and_nothing_else(string guest)
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(guest == "sample" ? Fixtures.SampleDisk : Fixtures.Variant(guest), folder);
        BootPolicyAction policy = new() { SanPolicy = SanPolicy.OnlineAll, AutoReboot = false, CrashDump = CrashDumpKind.Kernel };
        GuestEdit edit = Run(disk, policy);

        string set = $@"HKLM\SYSTEM\{edit.Layout.ControlSet}";
        string[] wanted =
            [$@"{set}\Services\partmgr\Parameters\SanPolicy", $@"{set}\Control\CrashControl\AutoReboot", $@"{set}\Control\CrashControl\CrashDumpEnabled"];
        Assert.Equal(
            wanted.Order(StringComparer.Ordinal),
            edit.Changes.Where(change => change.Target.StartsWith(set, StringComparison.Ordinal) && change.Kind != GuestChangeKind.KeyAdded)
                .Select(change => change.Target).Order(StringComparer.Ordinal));
        Assert.Contains(edit.Changes, change => change.Target == wanted[0] && change.After == "REG_DWORD 0x00000001");
        Assert.Contains(edit.Changes, change => change.Target == wanted[1] && change.After == "REG_DWORD 0x00000000");
        Assert.Contains(edit.Changes, change => change.Target == wanted[2] && change.After == "REG_DWORD 0x00000002");
        GuestEdit again = Run(disk, policy);
        Assert.Equal(0, again.BytesChanged);
        Assert.All(again.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
    }

    [Fact]
    public void Credential_guard_is_turned_off_where_windows_looks()
    {
        using TempFolder folder = new();
        GuestEdit edit = Run(Fixtures.Copy(Fixtures.SampleDisk, folder), new BootPolicyAction { DisableCredentialGuard = true });
        Assert.Contains(edit.Changes, change => change.Target.EndsWith(@"\Control\Lsa\LsaCfgFlags", StringComparison.Ordinal));
        Assert.Contains(edit.Changes, change => change.Target.EndsWith(@"\Scenarios\CredentialGuard\Enabled", StringComparison.Ordinal));
        Assert.DoesNotContain(edit.Changes, change => change.Target.StartsWith(@"HKLM\SOFTWARE", StringComparison.Ordinal));
    }

    [Fact]
    public void Claim_of_hidinterrupt_goes_and_what_else_claims_the_id_stays()
    {
        const string Package = @"DriverDatabase\DriverPackages\hidinterrupt.inf_amd64_0123456789abcdef\Descriptors\ACPI";
        const string Id = @"DriverDatabase\DeviceIds\ACPI\ACPI0010";
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("Server 2016", 14393, true, GuestArchitecture.X64), edit: guest =>
        {
            guest.System.SetBinary(Id, "hidinterrupt.inf", [1, 0xFF, 0, 0]);
            guest.System.SetBinary(Id, "processor.inf", [2, 0xFF, 0, 0]);
            guest.System.SetString($@"{Package}\ACPI0010", "Configuration", "HidInterrupt_Inst");
            guest.System.SetString($@"{Package}\ACPI0011", "Configuration", "HidInterrupt_Inst");
        });
        Assert.Contains(Plans.Probe(disk).Warnings, warning => warning.Message.Contains("ACPI0010", StringComparison.Ordinal));

        GuestEdit edit = Run(disk, new BootPolicyAction { RemoveHidInterruptClaim = true });

        Assert.Equal(
            [$@"HKLM\SYSTEM\{Id}\hidinterrupt.inf", $@"HKLM\SYSTEM\{Package}\ACPI0010"],
            edit.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged).Select(change => change.Target).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Plans.Probe(edit.ImagePath).Warnings, warning => warning.Message.Contains("ACPI0010", StringComparison.Ordinal));
    }

    [Fact]
    public void Drivers_of_the_processor_are_switched_off_before_Vista_only()
    {
        foreach ((int build, int count) in ((int, int)[])[(2600, 2), (6002, 0)])
        {
            using TempFolder folder = new();
            string disk = GenerationGuest.Make(folder, new Generation("old", build, false, GuestArchitecture.X86), edit: guest =>
            {
                guest.System.SetDword(@"ControlSet001\Services\intelppm", "Start", 1);
                guest.System.SetDword(@"ControlSet001\Services\Processor", "Start", 1);
                guest.System.SetDword(@"ControlSet001\Services\p3", "Start", 4);
            });
            GuestEdit edit = Run(disk, new BootPolicyAction { DisableProcessorDriver = true });
            Assert.Equal(count, edit.Changes.Count(change => change.Kind == GuestChangeKind.ValueChanged && change.After == "REG_DWORD 0x00000004"));
        }
    }

    [Fact]
    public void Claim_that_is_not_there_is_not_removed()
    {
        using TempFolder folder = new();
        Assert.Empty(Run(Fixtures.Copy(Fixtures.SampleDisk, folder), new BootPolicyAction { RemoveHidInterruptClaim = true }).Changes);
    }

    private static GuestEdit Run(string disk, EditAction action) => Plans.Run(
        new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = [action] });
}
