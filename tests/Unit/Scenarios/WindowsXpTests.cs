using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

public class WindowsXpTests(WindowsXpGuest guest) : RealGuestTests(guest), IClassFixture<WindowsXpGuest>
{
    [RealGuestFact]
    public void Windows_XP_binds_by_critical_devices_in_the_set_that_boots_and_in_last_known_good()
    {
        HiveDump system = guest.Edited.DumpAfter("SYSTEM");

        Assert.Equal("xp", guest.Edited.Plan.MatchedRule);
        Assert.Equal("viostor", system.Values[@"ControlSet001\Control\CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1001&SUBSYS_00021AF4\Service"].Texts()[0]);
        Assert.Equal("viostor", system.Values[@"ControlSet001\Control\CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1001\Service"].Texts()[0]);
        Assert.Equal(
            "{4D36E97B-E325-11CE-BFC1-08002BE10318}",
            system.Values[@"ControlSet001\Control\CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1001\ClassGUID"].Texts()[0]);
        Assert.Equal("viostor", system.Values[@"ControlSet003\Control\CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1001\Service"].Texts()[0]);
        Assert.Equal(0u, system.Values[@"ControlSet003\Services\viostor\Start"].Number());
        Assert.DoesNotContain("DriverDatabase", system.Keys);
    }

    [RealGuestFact]
    public void Its_HAL_for_one_processor_is_told() =>
        Assert.Contains(guest.Edited.Layout.Warnings, warning => warning.Message.Contains("(acpipic_up)", StringComparison.Ordinal));

    /// <summary>Its file is in driver.cab; the loader would miss it.</summary>
    [RealGuestFact]
    public void A_controller_service_without_its_driver_file_stays_off()
    {
        HiveDump system = guest.Edited.DumpAfter("SYSTEM");

        Assert.Equal(4u, system.Values[@"ControlSet001\Services\PCIIde\Start"].Number());
        Assert.Equal(0u, system.Values[@"ControlSet001\Services\IntelIde\Start"].Number());
        Assert.Equal(0u, system.Values[@"ControlSet001\Services\atapi\Start"].Number());
        Assert.DoesNotContain(@"ControlSet001\Control\CriticalDeviceDatabase\pci#cc_0101", system.Keys, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Virtual PC has PIIX4, QEMU PIIX3, and XP binds only what it knows.</summary>
    [RealGuestFact]
    public void The_IDE_controller_of_QEMU_is_bound_as_that_of_Virtual_PC_was()
    {
        HiveDump before = guest.Edited.DumpBefore("SYSTEM");
        HiveDump after = guest.Edited.DumpAfter("SYSTEM");

        string own = Assert.Single(before.Keys, key => key.EndsWith(@"ControlSet001\Control\CriticalDeviceDatabase\pci#ven_8086&dev_7111", StringComparison.OrdinalIgnoreCase));
        foreach (string value in (string[])["Service", "ClassGUID"])
        {
            Assert.Equal(
                before.Values[$@"{own}\{value}"].ToString(),
                after.Values[$@"ControlSet001\Control\CriticalDeviceDatabase\pci#ven_8086&dev_7010\{value}"].ToString(), ignoreCase: true);
        }
    }
}
