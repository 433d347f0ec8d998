using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>The tools of the hypervisors that real guests come from, switched off, and read by hivex.</summary>
public class GuestToolTests
{
    [RealGuestFact]
    public void VMware_Tools_of_a_real_Windows_10()
    {
        using TempFolder folder = new();
        byte[] system = RawHive.WithEqualSequenceNumbers(SharedData.Read(Windows10Guest.System));
        (GuestEdit edit, HiveDump before, HiveDump after) = Remove(folder, system, GuestTool.VMware);

        Assert.All(
            (string[])["VMTools", "VGAuthService", "vmmouse", "vmusbmouse", "vm3dmp", "vmhgfs", "vmmemctl", "vmrawdsk", "vsock", "vmci"],
            service => Assert.Equal(4u, after.Values[$@"ControlSet001\Services\{service}\Start"].Number()));
        Assert.Contains(before.Values, pair => IsFilter(pair.Key) && Text(pair.Value).Contains("VMMouse", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(after.Values, pair => IsFilter(pair.Key) && Text(pair.Value).Contains("VM", StringComparison.Ordinal));
        Assert.Equal("P9NP,RDPNP,LanmanWorkstation,webclient", after.Values[@"ControlSet001\Control\NetworkProvider\Order\ProviderOrder"].Texts().Single());

        // Filters go before the services that they name, and nothing is changed that is not told.
        string[] targets = [.. edit.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged).Select(change => change.Target)];
        Assert.True(Array.FindLastIndex(targets, target => target.EndsWith("Filters", StringComparison.Ordinal)) < Array.FindIndex(targets, target => target.EndsWith(@"\Start", StringComparison.Ordinal)));
        string[] changed = [.. before.Values.Keys.Where(name => !after.Values.TryGetValue(name, out ForeignValue? value) || value != before.Values[name])];
        Assert.Equal(targets.Select(target => target[@"HKLM\SYSTEM\".Length..]).Order(StringComparer.OrdinalIgnoreCase), changed.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [RealGuestFact]
    public void The_mouse_of_Virtual_PC_on_a_real_Windows_XP()
    {
        using TempFolder folder = new();
        (_, _, HiveDump after) = Remove(folder, SharedData.Read(WindowsXpGuest.System), GuestTool.HyperV);

        Assert.Equal(4u, after.Values[@"ControlSet001\Services\msvmmouf\Start"].Number());
        Assert.Equal(["mouclass"], after.Values[@"ControlSet001\Control\Class\{4D36E96F-E325-11CE-BFC1-08002BE10318}\UpperFilters"].Texts());
    }

    [Fact]
    public void What_is_not_there_is_an_error()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = new() { Layout = Plans.Probe(disk), ImagePath = disk, Actions = EditSteps.RemoveGuestTool([GuestTool.Parallels]) };

        Assert.Equal("GuestToolNotFound", Assert.Throws<GuestItemNotFoundException>(() => Plans.Run(request)).ErrorId);
    }

    [Fact]
    public void A_second_time_changes_nothing_and_disk_drivers_stay()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = new() { Layout = Plans.Probe(disk), ImagePath = disk, Actions = EditSteps.RemoveGuestTool([GuestTool.VMware, GuestTool.VMware]) };

        GuestEdit first = Plans.Run(request);
        GuestEdit second = Plans.Run(request with { ImagePath = first.ImagePath });

        Assert.Single(first.Actions);
        Assert.Contains(first.Changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Services\vmci\Start" && change.Kind == GuestChangeKind.ValueChanged);
        Assert.All(second.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        Assert.All(Enum.GetValues<GuestTool>(), tool => Assert.Empty(GuestToolParts.Of(tool).Services.Intersect(GuestToolParts.Of(tool).Kept)));
    }

    private static (GuestEdit Edit, HiveDump Before, HiveDump After) Remove(TempFolder folder, byte[] system, GuestTool tool)
    {
        GuestTree tree = new(folder, "x86", "mbr", ["msahci"]);
        tree.WriteHive("SOFTWARE", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", system);
        string disk = tree.MakeDisk(96);
        GuestEdit edit = Plans.Run(new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = EditSteps.RemoveGuestTool([tool]) });
        string flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", edit.ImagePath, flat);
        VolumeSnapshot after = VolumeSnapshot.Take(EditedGuest.WindowsVolume(flat, edit.Layout.WindowsPartition, folder.File("after")));
        return (edit, HiveDump.Of(system), HiveDump.Of(File.ReadAllBytes(after.Hive("SYSTEM"))));
    }

    private static string Text(ForeignValue value) => value.Type == 7 ? Encoding.Unicode.GetString(value.Data) : "";

    private static bool IsFilter(string name) => name.StartsWith("ControlSet001", StringComparison.OrdinalIgnoreCase) && name.EndsWith(@"\UpperFilters", StringComparison.OrdinalIgnoreCase);
}
