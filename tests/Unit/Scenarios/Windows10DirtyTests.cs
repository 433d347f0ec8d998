using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

public class Windows10DirtyTests(Windows10DirtyGuest guest) : RealGuestTests(guest), IClassFixture<Windows10DirtyGuest>
{
    [RealGuestFact]
    public void It_holds_all_that_virt_v2v_would_have_written_for_storage() => VirtV2v.AssertHolds(guest.Edited, VirtV2v.Windows10);

    /// <summary>The numbers are those of ground-truth/log-replay.txt, which an independent script found.</summary>
    [RealGuestFact]
    public void The_edit_stands_on_the_hive_with_its_logs_replayed_and_says_so()
    {
        byte[] replayed = guest.Edited.HiveBefore("SYSTEM");
        HiveDump before = guest.Edited.DumpBefore("SYSTEM");
        HiveDump after = guest.Edited.DumpAfter("SYSTEM");

        Assert.Equal(35595, before.Keys.Count);
        Assert.Equal(78901, before.Values.Count);
        Assert.Equal(12591104u, RawHive.BinsSize(replayed));
        Assert.Equal(656, before.Keys.Count(key => key.StartsWith(@"ControlSet001\Services\", StringComparison.OrdinalIgnoreCase) && key.Count(c => c == '\\') == 2));
        Assert.True(after.Keys.IsSupersetOf(before.Keys.Where(key => !key.EndsWith("StartOverride", StringComparison.OrdinalIgnoreCase))));
        Assert.Contains(guest.Edited.Layout.Conditions, condition => condition.Id == "HiveReplayed");
        Assert.Contains(guest.Edited.NetChanges, change => change.Kind == GuestChangeKind.HiveRepaired);
    }
}
