using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Both edits on a Windows with a real SYSTEM hive, judged by QEMU, ntfs-3g and hivex.</summary>
public abstract class RealGuestTests(RealGuest guest)
{
    private const string Data = "CATALOGUE.md";

    private EditedGuest Edited => guest.Edited;

    [GuestFact(Data)]
    public void QEMU_accepts_the_overlay_and_the_source_is_untouched() => EditJudge.QemuAcceptsTheOverlay(Edited);

    [GuestFact(Data)]
    public void The_volume_is_sound() => EditJudge.TheVolumeIsSound(Edited);

    [GuestFact(Data)]
    public void Every_file_is_as_it_was_or_as_the_edit_says() => EditJudge.OnlyReportedFilesDiffer(Edited);

    [GuestFact(Data)]
    public void Every_key_and_value_is_as_it_was_or_as_the_edit_says() => EditJudge.OnlyReportedKeysAndValuesDiffer(Edited);

    [GuestFact(Data)]
    public void The_hives_are_clean_and_their_logs_empty() => EditJudge.TheHivesAreCleanAndTheirLogsEmpty(Edited);

    [GuestFact(Data)]
    public void A_second_run_changes_nothing() => EditJudge.ASecondRunChangesNothing(Edited);

    [GuestFact(Data)]
    public void The_guest_becomes_boot_ready()
    {
        Assert.False(Edited.Layout.IsVirtioBootReady);
        Assert.Equal(Edited.Edit.Plan.Storage.Select(driver => driver.Service.Name), Edited.Edit.Layout.BootReadyDrivers);
    }

    /// <summary>Ours may say more, and its packages have other names; the class is what the blob is for.</summary>
    [GuestFact(Data)]
    public void It_holds_all_that_virt_v2v_would_have_written_for_storage()
    {
        if (guest.VirtV2vFacts is not { } file)
        {
            return;
        }

        const int UpToTheClass = 2 * 24;
        HiveDump system = Edited.DumpAfter("SYSTEM");
        IReadOnlyDictionary<string, ForeignValue?> facts = VirtV2v.StorageFacts(file);
        Assert.True(facts.Count > 8);
        foreach ((string place, ForeignValue? value) in facts)
        {
            string ours = InOurNames(place, system);
            if (value is null)
            {
                Assert.Contains(ours, system.Keys);
                continue;
            }

            Assert.True(system.Values.TryGetValue(ours, out ForeignValue? found), $"{ours} is missing");
            if (place.EndsWith(@"\Version", StringComparison.Ordinal))
            {
                Assert.Equal(value.Hex[..UpToTheClass], found.Hex[..UpToTheClass]);
            }
            else
            {
                Assert.Equal(InOurNames(value.ToString(), system), found.ToString(), ignoreCase: true);
            }
        }
    }

    private string InOurNames(string text, HiveDump system)
    {
        PlannedDriver driver = Edited.Edit.Plan.Storage[0];
        string published = system.Values.TryGetValue($@"DriverDatabase\DriverPackages\{driver.PackageLabel}\", out ForeignValue? name)
            ? name.Texts()[0]
            : "";
        return text
            .Replace("guestor.inf_tmp", driver.PackageLabel, StringComparison.Ordinal)
            .Replace("guestor.inf", published, StringComparison.Ordinal)
            .Replace("guestor_conf", driver.InstallSection, StringComparison.Ordinal);
    }
}
