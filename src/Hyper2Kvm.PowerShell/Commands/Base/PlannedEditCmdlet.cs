using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that edits a guest by a driver plan.</summary>
public abstract class PlannedEditCmdlet : GuestEditCmdlet
{
    protected const string PlanSet = "Plan";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PlanSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public VirtioDriverPlan Plan { get; set; } = null!;

    /// <summary>The image to edit; the outer object's wins over that of the layout within.</summary>
    [Parameter(ParameterSetName = PlanSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    protected abstract IReadOnlyList<EditAction> Actions(VirtioDriverPlan plan);

    /// <summary>What is done, for ShouldProcess.</summary>
    protected abstract string Description(VirtioDriverPlan plan);

    protected sealed override void Process()
    {
        if (Continues && Edit.Plan is null)
        {
            throw new GuestStateException(
                "EditHasNoPlan", Edit.ImagePath, $"The edit of '{Edit.ImagePath}' was made without a driver plan, and this step needs one.",
                "Plan first: Get-WindowsLayout IMAGE | New-VirtioDriverPlan -DriverSource ISO");
        }

        VirtioDriverPlan plan = Continues ? Edit.Plan! : Plan;
        string image = Continues ? Edit.ImagePath : HostPath(ImagePath ?? plan.ImagePath);
        RunEdit(plan.Layout, plan, image, Actions(plan), Description(plan));
    }
}
