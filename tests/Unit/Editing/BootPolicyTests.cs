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
    public void Claim_that_is_not_there_is_not_removed()
    {
        using TempFolder folder = new();
        Assert.Empty(Run(Fixtures.Copy(Fixtures.SampleDisk, folder), new BootPolicyAction { RemoveHidInterruptClaim = true }).Changes);
    }

    private static GuestEdit Run(string disk, EditAction action) => Plans.Run(
        new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = [action] });
}
