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
    public void Profiles_that_nothing_leads_to_or_that_a_newer_one_replaced_go()
    {
        const string List = @"Microsoft\Windows NT\CurrentVersion\NetworkList";
        const string Gateway = "hex 00 50 56 e0 3f 3e";
        using TempFolder folder = new();
        GuestTree tree = new(folder, "x86", "mbr", ["msahci"]);
        string software = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt"));

        // Four networks behind one gateway: two of the last start, one of a month before it, one of that time by a domain; and an orphan.
        (string Id, string Date, int Category, bool Signed)[] profiles =
        [
            ("{00000000-0000-0000-0000-000000000001}", "e8 07 05 00 01 00 06 00 07 00 08 00 09 00 00 00", 1, true),
            ("{00000000-0000-0000-0000-000000000002}", "e8 07 05 00 01 00 06 00 07 00 09 00 09 00 00 00", 0, true),
            ("{00000000-0000-0000-0000-000000000003}", "e8 07 04 00 01 00 06 00 07 00 08 00 09 00 00 00", 0, true),
            ("{00000000-0000-0000-0000-000000000004}", "e8 07 04 00 01 00 06 00 07 00 08 00 09 00 00 00", 2, true),
            ("{00000000-0000-0000-0000-000000000005}", "e8 07 05 00 01 00 06 00 07 00 08 00 09 00 00 00", 0, false),
        ];
        foreach ((string id, string date, int category, bool signed) in profiles)
        {
            software += $"\n[{List}\\Profiles\\{id}]\nProfileName sz Network\nCategory dword {category}\nDateLastConnected hex {date}\n";
            software += signed ? $"[{List}\\Signatures\\Unmanaged\\{id[^3..^1]}]\nProfileGuid sz {id}\nDefaultGatewayMac {Gateway}\n" : "";
        }

        tree.WriteHive("SOFTWARE", software);
        tree.Write(@"\Windows\System32\config\SYSTEM", SharedData.Read(Windows7Guest.System));
        string disk = tree.MakeDisk(96);
        Assert.Equal(5, WindowsNetworkReader.Read(Plans.Probe(disk), null, disk, SilentReporter.Instance).Profiles.Count);

        GuestEdit edit = Run(disk, disk, new NetworkRequest { RemoveGhostAdapters = true });

        IReadOnlyList<NetworkProfile> left = WindowsNetworkReader.Read(edit.Layout, null, edit.ImagePath, SilentReporter.Instance).Profiles;
        Assert.Equal([1, 2, 4], left.Select(profile => profile.Id.ToString()[^1] - '0').Order());
        HiveDump software7 = After(folder, edit, "SOFTWARE");
        Assert.DoesNotContain($@"{List}\Signatures\Unmanaged\03", software7.Keys);
        Assert.Contains($@"{List}\Signatures\Unmanaged\04", software7.Keys);
    }

    [RealGuestFact]
    public void The_static_address_goes_to_the_one_card_of_the_machine()
    {
        using TempFolder folder = new();
        GuestTree tree = new(folder, "x86", "mbr", ["msahci"]);
        tree.WriteHive("SOFTWARE", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", SharedData.Read(Windows7Guest.System));
        string disk = tree.MakeDisk(96);
        NetworkRequest request = new() { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true, MacAddresses = ["00:50:56:11:22:33"] };

        GuestEdit edit = Run(disk, disk, request);
        GuestEdit again = Run(disk, disk, request);

        string flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", edit.ImagePath, flat);
        string volume = EditedGuest.WindowsVolume(flat, edit.Layout.WindowsPartition, folder.File("volume"));
        string script = ForeignTool.RunOk("ntfscat", volume, "/Windows/Hyper2Kvm/FirstBoot/actions/0001-network/script.ps1");
        Assert.Contains("Mac = '00:50:56:11:22:33'", script, StringComparison.Ordinal);
        Assert.Contains("V4 = @('10.3.58.5 255.255.255.0')", script, StringComparison.Ordinal);
        Assert.Contains("Gateways4 = @('10.3.58.1')", script, StringComparison.Ordinal);
        Assert.Contains("Name = 'Local Area Connection 2'", script, StringComparison.Ordinal);
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

    private static HiveDump After(TempFolder folder, GuestEdit edit, string hive = "SYSTEM")
    {
        string flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", edit.ImagePath, flat);
        VolumeSnapshot after = VolumeSnapshot.Take(EditedGuest.WindowsVolume(flat, edit.Layout.WindowsPartition, folder.File("after")));
        return HiveDump.Of(File.ReadAllBytes(after.Hive(hive)));
    }

    private static bool Mentions(string? text, string id) => text?.Contains(id, StringComparison.OrdinalIgnoreCase) == true;
}
