using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Add-FirstBootAction: a script, package or program that Windows runs once when it starts on KVM.</summary>
[Cmdlet(VerbsCommon.Add, "FirstBootAction", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class AddFirstBootActionCommand : LayoutEditCmdlet
{
    /// <summary>A .cmd, .bat, .ps1, .msi or .exe file on the host.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = null!;

    /// <summary>Names the action in the guest; from the file's name by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Arguments for it, as one text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ArgumentList { get; set; }

    /// <summary>Files on the host that are to lie beside it in the guest.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AdditionalFile { get; set; } = [];

    /// <summary>Restart Windows after it, before the next action.</summary>
    [Parameter]
    public SwitchParameter RestartAfter { get; set; }

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout) => EditSteps.AddFirstBootAction(
        FirstBoot.FromFile(HostPath(Path), Name, ArgumentList, [.. AdditionalFile.Select(HostPath)], RestartAfter));

    protected override string Description(WindowsLayout layout) => $"Run '{Path}' at the first boot";
}
