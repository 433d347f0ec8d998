using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The pipeline's stages as Core methods, with the product's own driver rules.</summary>
internal static class Plans
{
    public static WindowsLayout Probe(string disk) => LayoutProbe.Probe(disk, null, SilentReporter.Instance);

    public static VirtioDriverPlan Plan(string disk, string? source = null)
    {
        using DriverSource drivers = DriverSource.Open(source ?? Fixtures.SampleDriverIso);
        return DriverPlanner.Plan(
            Probe(disk), disk, drivers, DriverRuleFiles.Load([]), StorageBus.VirtioBlk, allowUnsigned: true, SilentReporter.Instance);
    }

    public static GuestEditRequest Request(VirtioDriverPlan plan, string disk) => new()
    {
        Layout = plan.Layout,
        Plan = plan,
        ImagePath = disk,
        Actions = [.. EditSteps.AddBootStartStorage(plan), .. EditSteps.SetCriticalDeviceDatabase(plan)],
    };

    /// <summary>Both edits of the pipeline in one transaction.</summary>
    public static GuestEdit Edit(string disk, string? source = null) => Run(Request(Plan(disk, source), disk));

    public static GuestEdit Run(GuestEditRequest request) => GuestEditor.Run(request, SilentReporter.Instance, CancellationToken.None);
}
