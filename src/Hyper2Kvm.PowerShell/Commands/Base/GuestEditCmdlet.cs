using System.Management.Automation;
using Hyper2Kvm.Editing;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that edits a guest: from a plan, or going on from an earlier edit.</summary>
/// <remarks>The edit's set must be the default one: PowerShell tries the default set to its end before the others, and would bind the
/// plan that an edit carries instead of the edit itself.</remarks>
public abstract class GuestEditCmdlet : Hyper2KvmCmdlet
{
    protected const string PlanSet = "Plan";
    protected const string EditSet = "Edit";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PlanSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public VirtioDriverPlan Plan { get; set; } = null!;

    /// <summary>The image to edit; the outer object's wins over that of the layout within.</summary>
    [Parameter(ParameterSetName = PlanSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = EditSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public GuestEdit Edit { get; set; } = null!;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Names from <see cref="EditSteps"/>.</summary>
    protected abstract IReadOnlyList<string> Steps { get; }

    /// <summary>What is done, for ShouldProcess: "Make ... start at boot".</summary>
    protected abstract string Action(VirtioDriverPlan plan);

    protected override void Process()
    {
        bool continues = ParameterSetName == EditSet;
        VirtioDriverPlan plan = continues ? Edit.Plan : Plan;
        string image = continues ? Edit.ImagePath : HostPath(ImagePath ?? plan.ImagePath);
        CurrentImage = image;
        bool goAhead = AsksToProcess(image, Action(plan), out bool rehearses);
        if (!goAhead && !rehearses)
        {
            return;
        }

        // Under -WhatIf the whole edit is rehearsed, so that the pipeline flows on and shows what would change.
        WriteObject(GuestEditor.Run(
            new GuestEditRequest
            {
                Plan = plan,
                ImagePath = image,
                Steps = Steps,
                RehearsedSteps = continues && Edit.Mode == EditMode.Preview ? Edit.Steps : [],
                Destination = Destination is null ? null : HostPath(Destination),
                Force = Force,
                Preview = !goAhead,
            },
            this,
            StopToken));
    }
}
