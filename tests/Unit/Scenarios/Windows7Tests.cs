using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

public class Windows7Tests(Windows7Guest guest) : RealGuestTests(guest), IClassFixture<Windows7Guest>
{
    [RealGuestFact]
    public void It_holds_all_that_virt_v2v_would_have_written_for_storage() => VirtV2v.AssertHolds(guest.Edited, VirtV2v.Windows7);

    [RealGuestFact]
    public void Windows_7_gets_its_AHCI_and_IDE_drivers_started_as_well()
    {
        HiveDump before = guest.Edited.DumpBefore("SYSTEM");
        HiveDump after = guest.Edited.DumpAfter("SYSTEM");

        Assert.Equal(3u, before.Values[@"ControlSet001\Services\msahci\Start"].Number());
        Assert.All(
            (string[])["msahci", "pciide", "intelide", "atapi", "viostor", "vioscsi"],
            service => Assert.Equal(0u, after.Values[$@"ControlSet001\Services\{service}\Start"].Number()));
    }

    [RealGuestFact]
    public void Last_known_good_gets_the_storage_drivers_and_nothing_else()
    {
        Assert.Equal("ControlSet002", guest.Edited.Layout.LastKnownGood);
        HiveDump after = guest.Edited.DumpAfter("SYSTEM");
        Assert.All(
            (string[])["msahci", "pciide", "intelide", "atapi", "viostor", "vioscsi"],
            service => Assert.Equal(0u, after.Values[$@"ControlSet002\Services\{service}\Start"].Number()));
        string[] beside = [.. guest.Edited.NetChanges.Select(change => change.Target)
            .Where(target => target.StartsWith(@"HKLM\SYSTEM\ControlSet002\", StringComparison.Ordinal))
            .Select(target => string.Join('\\', target.Split('\\').Skip(3).Take(2))).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal([@"Control\CriticalDeviceDatabase", @"Services\EventLog", @"Services\msahci", @"Services\pciide", @"Services\vioscsi", @"Services\viostor"], beside);
    }
}
