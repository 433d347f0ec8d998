using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>An edit in place: hivex sees what the edit tells and nothing else, the second run nothing, the undo brings every byte back.</summary>
internal static class OfflineEditJudge
{
    /// <summary>All that Set-WindowsBootPolicy can be asked for.</summary>
    public static BootPolicyAction Policy { get; } = new()
    {
        SanPolicy = SanPolicy.OnlineAll,
        AutoReboot = false,
        CrashDump = CrashDumpKind.Small,
        DisableCredentialGuard = true,
        RemoveHidInterruptClaim = true,
        DisableProcessorDriver = true,
    };

    public static GuestEdit Approves(GuestEditRequest request)
    {
        string disk = request.ImagePath;
        string hash = EditedGuest.Hash(disk);
        string[] hives = [.. ((string[])["SYSTEM", "SOFTWARE", "DRIVERS"]).Where(hive => GenerationGuest.HasHive(disk, hive))];
        Dictionary<string, HiveDump> before = hives.ToDictionary(hive => hive, hive => Dump(disk, hive));
        GuestEdit edit = Plans.Run(request);
        Assert.Contains(edit.Changes, change => change.Kind != GuestChangeKind.Unchanged);
        foreach (string hive in hives)
        {
            Assert.Equal(
                before[hive].DifferencesReported(EditedGuest.Net(edit.Changes), $@"HKLM\{hive}\"),
                before[hive].DifferencesTo(Dump(disk, hive)));
        }

        string edited = EditedGuest.Hash(disk);
        GuestEdit again = Plans.Run(request);
        Assert.All(again.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        Assert.Equal(0, again.BytesChanged);
        Assert.Equal(edited, EditedGuest.Hash(disk));
        GuestUndo.Run(new GuestUndoRequest { ImagePath = disk }, SilentReporter.Instance);
        Assert.Equal(hash, EditedGuest.Hash(disk));
        return edit;
    }

    private static HiveDump Dump(string disk, string hive) => HiveDump.Of(GenerationGuest.Hive(disk, hive));
}
