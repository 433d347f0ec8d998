using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Add-BootStartStorage: the storage drivers, with services that start at boot.</summary>
[Cmdlet(VerbsCommon.Add, "BootStartStorage", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class AddBootStartStorageCommand : PlannedEditCmdlet
{
    /// <summary>The drivers go into the recovery environment too, by Windows' own tools at the first boot.</summary>
    [Parameter]
    public SwitchParameter RecoveryEnvironment { get; set; }

    protected override IReadOnlyList<EditAction> Actions(VirtioDriverPlan plan) => EditSteps.AddBootStartStorage(plan, RecoveryEnvironment);

    protected override string Description(VirtioDriverPlan plan) =>
        $"Install {string.Join(" and ", plan.Storage)} to start at boot";
}
