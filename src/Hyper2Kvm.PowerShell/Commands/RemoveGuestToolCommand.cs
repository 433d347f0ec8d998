using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Remove-GuestTool: switches off what the tools of the old hypervisor start.</summary>
[Cmdlet(VerbsCommon.Remove, "GuestTool", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class RemoveGuestToolCommand : LayoutEditCmdlet
{
    /// <summary>Whose tools.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public GuestTool[] Name { get; set; } = [];

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout) => EditSteps.RemoveGuestTool(Name);

    protected override string Description(WindowsLayout layout) => $"Switch off the tools of {string.Join(" and ", Name.Distinct())}";
}
