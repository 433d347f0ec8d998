using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Set-CriticalDeviceDatabase: binds the VirtIO storage devices to their drivers.</summary>
[Cmdlet(VerbsCommon.Set, "CriticalDeviceDatabase", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class SetCriticalDeviceDatabaseCommand : PlannedEditCmdlet
{
    protected override IReadOnlyList<EditAction> Actions(VirtioDriverPlan plan) => EditSteps.SetCriticalDeviceDatabase(plan);

    protected override string Description(VirtioDriverPlan plan) =>
        $"Bind the VirtIO storage devices to {string.Join(" and ", plan.Storage.Select(driver => driver.Service.Name))}";
}
