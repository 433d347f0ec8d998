using Hyper2Kvm.Editing;
using Hyper2Kvm.Unit.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Each row of the table in docs/Support.md on a disk of that generation, written in place and taken back.</summary>
public sealed class GenerationTests
{
    private static readonly string[] s_systems =
        ["xp", "2k3", "2k8", "w7", "2k8R2", "w8", "2k12", "w8.1", "2k12R2", "w10", "2k16", "2k19", "2k22", "w11", "2k25"];

    public static TheoryData<string> Names { get; } = [.. Generation.All.Select(generation => generation.ToString())];

    /// <summary>One of each row: the other processors of a row differ in their driver folder only.</summary>
    public static TheoryData<string> Rows { get; } = [.. Generation.All.GroupBy(generation => generation.Row).Select(row => row.Last().ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Storage_is_bound_as_this_generation_does_it(string name)
    {
        Generation generation = Generation.All.Single(one => one.ToString() == name);
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, generation);
        WindowsLayout layout = Plans.Probe(disk);
        Assert.Equal((generation.Build, generation.IsServer, generation.Architecture), (layout.Windows.Build, layout.Windows.IsServer, layout.Windows.Architecture));
        Assert.Equal(generation.HasDriverDatabase, layout.HasDriverDatabase);

        GuestEdit edit = Plans.Run(Plans.Request(Plan(folder, disk), disk));

        Assert.Equal(generation.Version.Major == 5 ? ["viostor"] : ["viostor", "vioscsi"], edit.Layout.BootReadyDrivers);
        string[] targets = [.. edit.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged).Select(change => change.Target)];
        Assert.Equal(!generation.HasDriverDatabase, targets.Any(target => target.Contains(@"\CriticalDeviceDatabase\", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(generation.HasDriverDatabase, targets.Any(target => target.Contains(@"\DriverDatabase\", StringComparison.OrdinalIgnoreCase)));
    }

    [HivexTheory]
    [MemberData(nameof(Rows))]
    public void Every_edit_tells_all_it_changes_does_it_once_and_is_taken_back(string name)
    {
        Generation generation = Generation.All.Single(one => one.ToString() == name);
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, generation);
        VirtioDriverPlan plan = Plan(folder, disk);
        GuestEditRequest request = Plans.Request(plan, disk);

        OfflineEditJudge.Approves(request with { InPlace = true, Actions = [.. request.Actions, OfflineEditJudge.Policy] });
    }

    private static VirtioDriverPlan Plan(TempFolder folder, string disk)
    {
        string drivers = Directory.CreateDirectory(folder.File("drivers")).FullName;
        SampleDrivers.AddIsoTree(drivers, s_systems);
        SampleDrivers.AddIsoTree(drivers, s_systems.Except(["xp", "2k3"]), "vioscsi");
        return Plans.Plan(disk, drivers);
    }
}
