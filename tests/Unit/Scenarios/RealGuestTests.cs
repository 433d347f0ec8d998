using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Both edits on a Windows with a real SYSTEM hive, judged by QEMU, ntfs-3g and hivex.</summary>
public abstract class RealGuestTests(RealGuest guest)
{
    private EditedGuest Edited => guest.Edited;

    [RealGuestFact]
    public void QEMU_accepts_the_overlay_and_the_source_is_untouched() => EditJudge.QemuAcceptsTheOverlay(Edited);

    [RealGuestFact]
    public void The_volume_is_sound() => EditJudge.TheVolumeIsSound(Edited);

    [RealGuestFact]
    public void Every_file_is_as_it_was_or_as_the_edit_says() => EditJudge.OnlyReportedFilesDiffer(Edited);

    [RealGuestFact]
    public void Every_key_and_value_is_as_it_was_or_as_the_edit_says() => EditJudge.OnlyReportedKeysAndValuesDiffer(Edited);

    [RealGuestFact]
    public void The_hives_are_clean_and_their_logs_empty() => EditJudge.TheHivesAreCleanAndTheirLogsEmpty(Edited);

    [RealGuestFact]
    public void A_second_run_changes_nothing() => EditJudge.ASecondRunChangesNothing(Edited);

    [RealGuestFact]
    public void The_guest_becomes_boot_ready()
    {
        Assert.False(Edited.Layout.IsVirtioBootReady);
        Assert.Equal(Edited.Plan.Storage.Select(driver => driver.Service.Name), Edited.Edit.Layout.BootReadyDrivers);
    }
}
