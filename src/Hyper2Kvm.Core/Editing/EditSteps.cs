using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Steps;

namespace Hyper2Kvm.Editing;

/// <summary>What each cmdlet does, as actions; and the step that carries out an action.</summary>
public static class EditSteps
{
    /// <summary>What <c>Add-BootStartStorage</c> does.</summary>
    /// <param name="plan">The drivers.</param>
    /// <param name="recovery">Into the recovery environment too, at the first boot.</param>
    public static IReadOnlyList<EditAction> AddBootStartStorage(VirtioDriverPlan plan, bool recovery = false) =>
        [new BootStartStorageAction(plan), new BootstrapControllersAction(), .. recovery ? [RecoveryDrivers.For(plan)] : Array.Empty<EditAction>()];

    /// <summary>What <c>Set-CriticalDeviceDatabase</c> does.</summary>
    public static IReadOnlyList<EditAction> SetCriticalDeviceDatabase(VirtioDriverPlan plan) => [new DeviceDatabaseAction(plan)];

    /// <summary>What <c>Add-VirtioDriver</c> does; see <see cref="Drivers.DevicePlanner"/>.</summary>
    public static IReadOnlyList<EditAction> AddVirtioDriver(string source, IReadOnlyList<PlannedPackage> packages) =>
        [new DriverPackagesAction(source, packages)];

    /// <summary>What <c>Add-FirstBootAction</c> does; see <see cref="FirstBoot"/>.</summary>
    public static IReadOnlyList<EditAction> AddFirstBootAction(FirstBootAction action) => [action];

    /// <summary>What <c>Remove-GuestTool</c> does.</summary>
    public static IReadOnlyList<EditAction> RemoveGuestTool(IEnumerable<GuestTool> tools) =>
        [.. tools.Distinct().Select(tool => new RemoveGuestToolAction(tool))];

    internal static IEditStep Create(EditAction action) => action switch
    {
        BootStartStorageAction storage => new BootStartStorageStep(storage.Plan),
        BootstrapControllersAction => new BootstrapControllersStep(),
        DeviceDatabaseAction devices => new DeviceDatabaseStep(devices.Plan),
        DriverPackagesAction packages => new DriverPackagesStep(packages),
        FirstBootAction firstBoot => new FirstBootStep(firstBoot),
        RemoveAdaptersAction adapters => new RemoveAdaptersStep(adapters),
        DhcpAdaptersAction adapters => new DhcpAdaptersStep(adapters),
        RemoveGuestToolAction tool => new RemoveGuestToolStep(tool),
        NetworkPromptAction => new NetworkPromptStep(),
        BootPolicyAction policy => new BootPolicyStep(policy),
        BcdRepairAction => new BcdRepairStep(),
        BcdBackupAction backup => new BcdBackupStep(backup),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "no such action"),
    };
}
