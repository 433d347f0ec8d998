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

    [RealGuestFact]
    public void It_holds_what_Windows_itself_writes_when_it_installs_the_drivers()
    {
        HiveDump system = guest.Edited.DumpAfter("SYSTEM");
        HiveDump software = guest.Edited.DumpAfter("SOFTWARE");
        foreach (PlannedDriver driver in guest.Edited.Plan.Storage)
        {
            string published = Published(system, driver);
            AssertHolds(system, PnpExport.SystemValues(driver.Service.Name, published, driver.PackageLabel), driver, 40);
            AssertHolds(software, PnpExport.SoftwareValues(driver.Service.Name, published, driver.PackageLabel), driver, 3);
        }
    }

    /// <summary>The other way round: what is written for viostor and vioscsi is Windows' own writing, value by value. The export lacks only the times
    /// of the import and, for viostor, the class.</summary>
    [RealGuestFact]
    public void Nothing_is_written_for_the_drivers_that_Windows_would_not_write()
    {
        foreach (PlannedDriver driver in guest.Edited.Plan.Storage)
        {
            string published = Published(guest.Edited.DumpAfter("SYSTEM"), driver);
            string[] known =
            [
                .. PnpExport.SystemValues(driver.Service.Name, published, driver.PackageLabel).Keys.Select(place => $@"SYSTEM\{place}"),
                .. PnpExport.SoftwareValues(driver.Service.Name, published, driver.PackageLabel).Keys.Select(place => $@"SOFTWARE\{place}"),
                $@"SYSTEM\DriverDatabase\DriverPackages\{driver.PackageLabel}\ImportDate",
                $@"SYSTEM\DriverDatabase\DeviceIds\{driver.ClassGuid:B}\{published}",
            ];

            string[] added = [.. new[] { "SYSTEM", "SOFTWARE" }.SelectMany(hive => Added(hive).Select(place => $@"{hive}\{place}"))
                .Where(place => place.Contains(driver.Service.Name, StringComparison.OrdinalIgnoreCase) || place.EndsWith(published, StringComparison.OrdinalIgnoreCase)
                    || place.Contains(published + '\\', StringComparison.OrdinalIgnoreCase))];

            Assert.True(added.Length > 40, $"{driver.Service.Name}: only {added.Length} values");
            Assert.DoesNotContain(added.Except(known, StringComparer.OrdinalIgnoreCase), place => !FromNewerInf(place));
        }
    }

    /// <summary>AddReg lines of vioscsi's INF here, which that of the export did not have yet.</summary>
    private static bool FromNewerInf(string place) => Path.GetFileName(place.Replace('\\', '/')) is "DmaRemappingCompatible" or "GroupPolicy";

    private IEnumerable<string> Added(string hive) =>
        guest.Edited.DumpAfter(hive).Values.Keys.Where(place => !guest.Edited.DumpBefore(hive).Values.ContainsKey(place));

    /// <summary>Real machines with third-party drivers have nothing below DriverFiles, in any of the hives at hand.</summary>
    [RealGuestFact]
    public void DriverFiles_stays_as_empty_as_Windows_itself_leaves_it()
    {
        foreach (HiveDump dump in (HiveDump[])[guest.Edited.DumpBefore("SYSTEM"), guest.Edited.DumpAfter("SYSTEM")])
        {
            Assert.Contains(@"DriverDatabase\DriverFiles", dump.Keys);
            Assert.DoesNotContain(dump.Keys.Concat(dump.Values.Keys), place => place.StartsWith(@"DriverDatabase\DriverFiles\", StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>The values of pvscsi and vmci that Windows wrote on this very machine: ours have the same names and types, and no others.</summary>
    [RealGuestFact]
    public void A_package_has_the_values_that_the_machines_own_packages_have()
    {
        HiveDump system = guest.Edited.DumpAfter("SYSTEM");
        string[] own = Shape(system, "vmci.inf_amd64_5e38a278d114b813");
        Assert.Equal(own, Shape(system, "pvscsi.inf_amd64_b0d59727d712523f"));

        Assert.Equal(own, Shape(system, guest.Edited.Plan.Storage[0].PackageLabel));

        // Nobody signed the stand-in for vioscsi's catalog.
        Assert.Equal(own.Where(value => !value.StartsWith("SignerName", StringComparison.Ordinal)), Shape(system, guest.Edited.Plan.Storage[1].PackageLabel));
    }

    /// <summary>Names, types and lengths; of texts the type alone.</summary>
    private static string[] Shape(HiveDump system, string package)
    {
        string key = $@"DriverDatabase\DriverPackages\{package}\";
        return [.. system.Values
            .Where(pair => pair.Key.StartsWith(key, StringComparison.OrdinalIgnoreCase) && !pair.Key[key.Length..].Contains('\\', StringComparison.Ordinal))
            .Select(pair => $"{pair.Key[key.Length..]} type {pair.Value.Type}" + (pair.Value.Type == 1 ? "" : $", {pair.Value.Data.Length} bytes"))
            .Order(StringComparer.Ordinal)];
    }

    private static string Published(HiveDump system, PlannedDriver driver) =>
        system.Values[$@"DriverDatabase\DriverPackages\{driver.PackageLabel}\"].Texts()[0];

    private static void AssertHolds(HiveDump hive, IReadOnlyDictionary<string, string> values, PlannedDriver driver, int atLeast)
    {
        Assert.True(values.Count >= atLeast, $"{driver.Service.Name}: only {values.Count} values");
        foreach ((string place, string value) in values)
        {
            if (Expected(place, value, driver) is { } expected)
            {
                string found = $"{hive.Values.GetValueOrDefault(place)}";
                Assert.Equal($"{place} = {expected}", $"{place} = {(expected.Contains(' ', StringComparison.Ordinal) ? found : found.Split(' ')[0])}", ignoreCase: true);
            }
        }
    }

    /// <summary>What the machine of the export had, but for what is another's there: the type alone, where the data are of that machine or day.</summary>
    /// <returns>Null: this Windows has no such value.</returns>
    private static string? Expected(string place, string value, PlannedDriver driver)
    {
        bool isStandIn = driver.Service.Name == "vioscsi";
        return place.Split('\\')[^1] switch
        {
            // Windows 11's; the bits of CatalogAttributes are not documented.
            "FileSize" or "CatalogAttributes" => null,
            "OemInfMap" or "UpdateDate" or "Tag" or "OemPath" => value.Split(' ')[0],
            "Version" => "REG_BINARY",
            "SignerName" when isStandIn => null,
            "SignerScore" when isStandIn => "REG_DWORD 0x80000000",
            "MessageNumberLimit" when isStandIn => "REG_DWORD 0x00000102", // a newer INF
            "Class" => isStandIn ? "REG_DWORD 0x00000004" : "REG_DWORD 0x00000005", // PnpLockdown = 1 stands in the newer INF only
            "Source" => $@"REG_EXPAND_SZ ""%SystemRoot%\System32\DriverStore\FileRepository\{driver.PackageLabel}\{driver.Service.BinaryName}""", // cut short there
            _ => value,
        };
    }

    private static string[] Files(TempFolder folder) =>
        [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
