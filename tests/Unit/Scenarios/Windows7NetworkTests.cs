using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>The network of a real Windows 7 with a ghost: edited, and read by hivex.</summary>
public class Windows7NetworkTests
{
    private const string Ghost = "6AAFC9A9-0542-4DB2-8760-CCFFA953737C";
    private const string Live = "698E50A9-4F58-4D86-B61D-F42E58DCACF6";
    private const string GhostDevice = @"ControlSet001\Enum\PCI\VEN_8086&DEV_100F&SUBSYS_075015AD&REV_01\4&b70f118&0&0888";

    [RealGuestFact]
    public void A_ghost_goes_with_all_that_refers_to_it_and_nothing_else_does()
    {
        using TempFolder folder = new();
        GuestTree tree = new(folder, "x86", "mbr", ["msahci"]);
        byte[] system = SharedData.Read(Windows7Guest.System);
        tree.WriteHive("SOFTWARE", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", system);
        string disk = tree.MakeDisk(96);

        GuestEdit edit = Run(disk, disk, new NetworkRequest { RemoveGhostAdapters = true });
        GuestEdit again = Run(disk, edit.ImagePath, new NetworkRequest { RemoveGhostAdapters = true });

        HiveDump before = HiveDump.Of(system);
        HiveDump after = After(folder, edit);
        Assert.Contains(GhostDevice, before.Keys);
        Assert.DoesNotContain(GhostDevice, after.Keys);
        Assert.DoesNotContain(after.Keys, key => key.StartsWith("ControlSet001", StringComparison.OrdinalIgnoreCase) && Mentions(key, Ghost));
        Assert.Contains(after.Keys, key => Mentions(key, Live));
        Assert.All(
            (string[])["Bind", "Export", "Route"],
            list =>
            {
                string text = after.Values[$@"ControlSet001\services\Tcpip\Linkage\{list}"].ToString();
                Assert.True(Mentions(text, Live) && !Mentions(text, Ghost), text);
            });

        // What is gone is told, or lies below a key that is told.
        string[] deleted = [.. edit.Changes.Where(change => change.Kind == GuestChangeKind.KeyDeleted).Select(change => change.Target[@"HKLM\SYSTEM\".Length..])];
        Assert.All(before.Keys.Except(after.Keys, StringComparer.OrdinalIgnoreCase), key => Assert.Contains(deleted, top =>
            key.Equals(top, StringComparison.OrdinalIgnoreCase) || key.StartsWith(top + "\\", StringComparison.OrdinalIgnoreCase)));
        Assert.Empty(after.Keys.Except(before.Keys, StringComparer.OrdinalIgnoreCase));
        Assert.All(again.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
    }

    [RealGuestFact]
    public void Dhcp_takes_the_static_address_away()
    {
        using TempFolder folder = new();
        GuestTree tree = new(folder, "x86", "mbr", ["msahci"]);
        tree.WriteHive("SOFTWARE", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", SharedData.Read(Windows7Guest.System));
        string disk = tree.MakeDisk(96);

        GuestEdit edit = Run(disk, disk, new NetworkRequest { Policy = NetworkPolicy.Dhcp });

        HiveDump after = After(folder, edit);
        Assert.Equal(1u, after.Values[$@"ControlSet001\services\Tcpip\Parameters\Interfaces\{{{Live}}}\EnableDHCP"].Number());
        Assert.DoesNotContain($@"ControlSet001\services\Tcpip\Parameters\Interfaces\{{{Live}}}\IPAddress", after.Values.Keys);
        Assert.DoesNotContain(after.Values.Keys, name =>
            name.StartsWith(@"ControlSet001\Control\Nsi\{eb004a00", StringComparison.OrdinalIgnoreCase) && name.Contains("0a033a05", StringComparison.OrdinalIgnoreCase));
    }

    private static GuestEdit Run(string disk, string image, NetworkRequest request)
    {
        WindowsLayout layout = Plans.Probe(disk);
        WindowsNetwork network = WindowsNetworkReader.Read(layout, null, image, SilentReporter.Instance);
        return Plans.Run(new GuestEditRequest { Layout = layout, ImagePath = image, Actions = NetworkPlanner.Plan(network, request).Actions });
    }

    private static HiveDump After(TempFolder folder, GuestEdit edit)
    {
        string flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", edit.ImagePath, flat);
        VolumeSnapshot after = VolumeSnapshot.Take(EditedGuest.WindowsVolume(flat, edit.Layout.WindowsPartition, folder.File("after")));
        return HiveDump.Of(File.ReadAllBytes(after.Hive("SYSTEM")));
    }

    private static bool Mentions(string? text, string id) => text?.Contains(id, StringComparison.OrdinalIgnoreCase) == true;
}
