using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

public class Windows10Tests(Windows10Guest guest) : RealGuestTests(guest), IClassFixture<Windows10Guest>
{
    [RealGuestFact]
    public void It_holds_all_that_virt_v2v_would_have_written_for_storage() => VirtV2v.AssertHolds(guest.Edited, VirtV2v.Windows10);

    [RealGuestFact]
    public void A_hive_that_is_dirty_and_has_no_logs_is_refused_and_nothing_is_left_behind()
    {
        using TempFolder folder = new();
        string disk = Windows10Guest.Tree(folder, SharedData.Read(Windows10Guest.System)).MakeDisk(64);
        string hash = EditedGuest.Hash(disk);
        string[] files = Files(folder);

        GuestStateException onProbe = Assert.Throws<GuestStateException>(() => Plans.Probe(disk));
        GuestStateException onEdit = Assert.Throws<GuestStateException>(
            () => Plans.Run(Plans.Request(guest.Edited.Plan, disk)));

        Assert.All([onProbe, onEdit], refusal =>
        {
            Assert.Equal("HiveDirty", refusal.ErrorId);
            Assert.NotEmpty(refusal.Remedy!);
        });
        Assert.Equal(hash, EditedGuest.Hash(disk));
        Assert.Equal(files, Files(folder));
    }

    [RealGuestFact]
    public void The_package_takes_the_first_free_name_and_what_VMware_switched_off_starts_again()
    {
        HiveDump before = guest.Edited.DumpBefore("SYSTEM");
        HiveDump after = guest.Edited.DumpAfter("SYSTEM");

        // oem0 to oem11 are taken by the map although SYSTEM itself knows only five of them.
        Assert.Equal("FFF0", before.Values[@"DriverDatabase\OemInfMap"].Hex, ignoreCase: true);
        Assert.Equal("FFFC", after.Values[@"DriverDatabase\OemInfMap"].Hex, ignoreCase: true);
        Assert.Equal("VIOSTOR.INF", after.Values[$@"DriverDatabase\DriverPackages\{after.Values[@"DriverDatabase\DriverInfFiles\oem12.inf\Active"].Texts()[0]}\InfName"].Texts()[0], ignoreCase: true);
        Assert.Contains(@"ControlSet001\Services\stornvme\StartOverride", before.Keys);
        Assert.DoesNotContain(@"ControlSet001\Services\stornvme\StartOverride", after.Keys);
    }

    /// <summary>Left out: what depends on the day, the machine, the catalog (a stand-in for vioscsi) or a newer INF.</summary>
    [RealGuestFact]
    public void It_holds_what_Windows_itself_writes_when_it_installs_the_drivers()
    {
        string[] others = ["OemInfMap", "UpdateDate", "Tag", "FileSize", "CatalogAttributes", "OemPath", "Version", "SignerName", "SignerScore"];
        HiveDump system = guest.Edited.DumpAfter("SYSTEM");
        foreach (PlannedDriver driver in guest.Edited.Plan.Storage)
        {
            string published = system.Values[$@"DriverDatabase\DriverPackages\{driver.PackageLabel}\"].Texts()[0];
            IReadOnlyDictionary<string, string> values = PnpExport.SystemValues(driver.Service.Name, published, driver.PackageLabel);
            Assert.True(values.Count > 40, $"{driver.Service.Name}: only {values.Count} values");
            foreach ((string place, string value) in values.Where(pair => !others.Contains(pair.Key.Split('\\')[^1])))
            {
                string expected = place.EndsWith("MessageNumberLimit", StringComparison.Ordinal) && driver.Service.Name == "vioscsi"
                    ? "REG_DWORD 0x00000102"
                    : value;
                Assert.Equal($"{place} = {expected}", $"{place} = {system.Values.GetValueOrDefault(place)}", ignoreCase: true);
            }
        }
    }

    private static string[] Files(TempFolder folder) =>
        [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
