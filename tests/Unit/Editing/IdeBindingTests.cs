using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>Windows XP and Server 2003 that never ran on IDE.</summary>
public sealed class IdeBindingTests
{
    private static readonly Generation s_xp = new("XP", 2600, false, GuestArchitecture.X86);

    [Fact]
    public void Drivers_that_lie_unpacked_in_a_cache_are_put_in_place_and_bound()
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, s_xp, edit: guest =>
        {
            foreach (string service in (string[])["atapi", "intelide", "pciide"])
            {
                guest.System.DeleteKey($@"ControlSet001\Services\{service}");
            }

            foreach (string file in (string[])["pciide.sys", "pciidex.sys"])
            {
                guest.Windows.WriteFile(guest.WindowsRoot / @"ServicePackFiles\i386" / file, "the newer"u8.ToArray());
                guest.Windows.WriteFile(guest.WindowsRoot / @"Driver Cache\i386" / file, "the older"u8.ToArray());
            }
        });

        Assert.DoesNotContain(Plans.Probe(disk).Warnings, warning => warning.Message.Contains("not unpacked", StringComparison.Ordinal));
        GuestChange[] changes = [.. Changes(disk)];

        Assert.Contains(changes, change => change.Target == @"\Windows\System32\drivers\pciidex.sys");
        Assert.Contains(changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Services\PCIIde\ImagePath");
        Assert.Contains(changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Services\atapi\Tag" && change.After!.Contains("19", StringComparison.Ordinal));
        Assert.Contains(changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Control\CriticalDeviceDatabase\pci#ven_8086&dev_7010\Service" && change.After!.Contains("intelide", StringComparison.Ordinal));
        Assert.Contains(changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Control\CriticalDeviceDatabase\*pnp0600\ClassGUID");
    }

    [Fact]
    public void A_driver_that_is_nowhere_is_not_bound()
    {
        using TempFolder folder = new();

        // Without pciidex.sys neither controller driver loads.
        string disk = GenerationGuest.Make(folder, s_xp);
        Assert.Single(Plans.Probe(disk).Warnings, warning => warning.Message.Contains("not unpacked (pciidex.sys)", StringComparison.Ordinal));
        GuestChange[] changes = [.. Changes(disk)];

        Assert.DoesNotContain(changes, change => change.Target.Contains("dev_7010", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(changes, change => change.Target.EndsWith(@"\Services\pciide\Start", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(changes, change => change.Target.Contains("cc_0101", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(changes, change => change.Target.EndsWith(@"*pnp0600\Service", StringComparison.Ordinal));
    }

    [Fact]
    public void Later_Windows_need_none_of_it()
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("Vista", 6002, false, GuestArchitecture.X86));
        Assert.DoesNotContain(Changes(disk), change => change.Target.Contains("CriticalDeviceDatabase", StringComparison.Ordinal));
    }

    private static IEnumerable<GuestChange> Changes(string disk) => Plans.Run(new GuestEditRequest
    {
        Layout = Plans.Probe(disk),
        ImagePath = disk,
        Actions = [new BootstrapControllersAction()],
    }).Changes.Where(change => change.Kind != GuestChangeKind.Unchanged);
}
