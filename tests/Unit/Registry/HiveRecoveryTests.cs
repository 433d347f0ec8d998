using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

public sealed class HiveRecoveryTests
{
    private const string System1709 = "hive-system/win10-1709-x64-dell-DESKTOP-PM6C56D-dirty.SYSTEM.gz";
    private const string Log1Of1709 = "hive-system/win10-1709-x64-dell-DESKTOP-PM6C56D-dirty.SYSTEM.LOG1.gz";
    private const string Log2Of1709 = "hive-system/win10-1709-x64-dell-DESKTOP-PM6C56D-dirty.SYSTEM.LOG2.gz";
    private const string New1 = "hive-dirty/yarp-NewDirtyHive1/NewDirtyHive";
    private const string New2 = "hive-dirty/yarp-NewDirtyHive2/NewDirtyHive";
    private const string Old = "hive-dirty/yarp-OldDirtyHive/OldDirtyHive";
    private const string Bbi = "hive-dirty/museum-win10-BBI/BBI";
    private const string Default = "hive-dirty/museum-win10-DEFAULT/DEFAULT";
    private const string User = "hive-dirty/regipy-transactions/NTUSER.DAT";

    [DataFact(System1709, Log1Of1709, Log2Of1709)]
    public void A_system_hive_of_Windows_10_is_brought_up_to_date_from_both_logs()
    {
        Hive hive = HiveTree.Open(System1709, Log1Of1709, Log2Of1709);

        Assert.True(hive.WasDirty);
        Assert.False(hive.IsChanged);
        Assert.Equal("replayed 24 log entries, sequence 2107..2130 from LOG1, LOG2", hive.Recovery);
        Assert.Equal((35595, 78901), HiveTree.Count(hive));
        Assert.Equal(656, hive.Find(@"ControlSet001\Services")!.SubkeyCount);
    }

    [DataFact(New1 + ".gz")]
    public void The_tree_is_the_one_that_Windows_10_recovered()
    {
        Hive hive = HiveTree.Open(New1 + ".gz", New1 + ".LOG1", New1 + ".LOG2");

        Assert.Equal("replayed 4 log entries, sequence 2..5 from LOG1, LOG2", hive.Recovery);
        Assert.Equal(HiveTree.Of(HiveTree.Open("hive-dirty/yarp-NewDirtyHive1/RecoveredHive_Windows10.gz")), HiveTree.Of(hive));
    }

    [DataFact(New2 + ".gz")]
    public void Entries_older_than_the_hive_are_left_out()
    {
        Hive hive = HiveTree.Open(New2 + ".gz", New2 + ".LOG1", New2 + ".LOG2");

        Assert.Equal("replayed 3 log entries, sequence 3..5 from LOG2", hive.Recovery);
        Assert.Equal((5, 1), HiveTree.Count(hive));
    }

    [DataFact(Old + ".gz")]
    public void A_dirty_vector_gives_the_tree_that_Windows_7_recovered()
    {
        Hive hive = HiveTree.Open(Old + ".gz", Old + ".LOG1", Old + ".LOG2");

        Assert.Equal("replayed 64 pages of 512 bytes from LOG1", hive.Recovery);
        Assert.Equal(HiveTree.Of(HiveTree.Open("hive-dirty/yarp-OldDirtyHive/RecoveredHive_Windows7.gz")), HiveTree.Of(hive));
    }

    [DataFact("hive-dirty/yarp-BadBaseBlockHive/BadBaseBlockHive.gz")]
    public void A_broken_base_block_is_taken_from_the_log()
    {
        const string bad = "hive-dirty/yarp-BadBaseBlockHive/BadBaseBlockHive";
        Hive hive = HiveTree.Open(bad + ".gz", bad + ".LOG1", bad + ".LOG2");

        Assert.Equal("replayed 64 pages of 512 bytes from LOG1; base block from LOG1", hive.Recovery);
        Assert.Equal(HiveTree.Of(HiveTree.Open("hive-dirty/yarp-OldDirtyHive/RecoveredHive_Windows7.gz")), HiveTree.Of(hive));
    }

    [DataFact("hive-dirty/yarp-BadLogHive1/BadLogHive.gz")]
    public void A_log_with_a_wrong_checksum_is_not_applied()
    {
        const string bad = "hive-dirty/yarp-BadLogHive1/BadLogHive";
        GuestStateException error = Assert.Throws<GuestStateException>(() => HiveTree.Open(bad + ".gz", bad + ".LOG1", bad + ".LOG2"));

        Assert.Equal("HiveDirty", error.ErrorId);
    }

    [DataFact(User + ".gz")]
    public void A_log_of_an_earlier_time_is_left_out()
    {
        Hive hive = HiveTree.Open(User + ".gz", User + ".LOG1.gz", User + ".LOG2");

        Assert.Equal("replayed 23 log entries, sequence 566..588 from LOG1", hive.Recovery);
        Assert.Equal((3105, 4695), HiveTree.Count(hive));
    }

    [DataFact(Default + ".gz")]
    public void A_gap_between_the_hive_and_its_logs_is_normal()
    {
        Hive hive = HiveTree.Open(Default + ".gz", Default + ".LOG1.gz", Default + ".LOG2.gz");

        Assert.Equal("replayed 5 log entries, sequence 106..110 from LOG1, LOG2", hive.Recovery);
        Assert.Equal((354, 1325), HiveTree.Count(hive));
    }

    [DataFact(Bbi + ".gz")]
    public void The_log_with_the_older_entries_comes_first()
    {
        Hive hive = HiveTree.Open(Bbi + ".gz", Bbi + ".LOG1.gz", Bbi + ".LOG2.gz");

        Assert.Equal("replayed 2 log entries, sequence 60..61 from LOG2, LOG1", hive.Recovery);
        Assert.Equal((284, 1964), HiveTree.Count(hive));
    }

    [DataFact("hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz")]
    public void A_dirty_hive_without_logs_is_refused_with_a_remedy_but_can_be_looked_at()
    {
        byte[] bytes = SharedData.Read("hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz");
        GuestStateException error = Assert.Throws<GuestStateException>(() => HiveTree.Open(bytes));
        Hive found = Hive.OpenAsFound(new MemoryBlockDevice(bytes), "TEST");

        Assert.Equal("HiveDirty", error.ErrorId);
        Assert.Contains("shut it down cleanly", error.Message, StringComparison.Ordinal);
        Assert.NotNull(found.Find(@"DriverDatabase\DriverPackages"));
        Assert.Throws<InvalidOperationException>(() => found.Root.Create("New", DateTime.UnixEpoch));
    }

    [DataFact("hive-edge/yarp-GarbageHive.gz")]
    public void A_wrong_checksum_without_a_log_is_damage() =>
        Assert.Equal("HiveDamaged", Assert.Throws<DiskFormatException>(() => HiveTree.Open("hive-edge/yarp-GarbageHive.gz")).ErrorId);

    [DataFact(New1 + ".gz")]
    public void Replay_ends_at_an_entry_with_a_wrong_hash_and_says_so()
    {
        byte[] log2 = SharedData.Read(New1 + ".LOG2");
        int firstSize = BitConverter.ToInt32(log2, 512 + 4);
        log2[512 + firstSize + 100] ^= 1;

        Hive hive = HiveTree.Open(SharedData.Read(New1 + ".gz"), SharedData.Read(New1 + ".LOG1"), log2);

        Assert.Equal(
            "replayed 2 log entries, sequence 2..3 from LOG1, LOG2; entry 4 of LOG2 was not written to the end and is left out", hive.Recovery);
    }

    [DataFact(System1709, Log1Of1709, Log2Of1709)]
    public void A_repaired_hive_is_saved_clean_and_holds_what_was_replayed()
    {
        byte[] original = SharedData.Read(System1709);
        Hive hive = HiveTree.Open(original, SharedData.Read(Log1Of1709), SharedData.Read(Log2Of1709));
        byte[] saved = HiveTree.Saved(hive, original);
        Hive again = HiveTree.Open(saved);

        Assert.False(again.WasDirty);
        Assert.DoesNotContain(HiveChecker.Check(new MemoryBlockDevice(saved)), finding => !finding.IsInformation);
        Assert.Equal(2131u, BitConverter.ToUInt32(saved, 4));
        Assert.Equal(2131u, BitConverter.ToUInt32(saved, 8));
        Assert.Equal(HiveTree.Of(hive), HiveTree.Of(again));
    }

    [DataFact(New1 + ".gz")]
    public void A_reset_log_keeps_its_size_and_is_no_log_any_more()
    {
        byte[] original = SharedData.Read(New1 + ".LOG2");
        MemoryBlockDevice log = new([.. original]);
        Hive.ResetLog(log);
        Hive.ResetLog(new MemoryBlockDevice([]));

        Assert.Equal(original.Length, log.Length);
        Assert.Null(HiveLog.Open(log, "LOG2"));
        Assert.Throws<GuestStateException>(() => HiveTree.Open(SharedData.Read(New1 + ".gz"), log.ToArray()));
    }
}
