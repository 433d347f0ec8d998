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
        Assert.DoesNotContain(@"ControlSet002\Services\viostor", after.Keys);
    }
}
