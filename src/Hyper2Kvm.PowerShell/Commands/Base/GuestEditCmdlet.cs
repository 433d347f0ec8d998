using System.Management.Automation;
using Hyper2Kvm.Editing;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that edits a guest, or goes on from an earlier edit.</summary>
/// <remarks>The edit's set must be the default one: PowerShell tries the default set to its end before the others, and would bind the
/// plan or layout that an edit carries instead of the edit itself.</remarks>
public abstract class GuestEditCmdlet : Hyper2KvmCmdlet
{
    protected const string EditSet = "Edit";

    private bool _yesToAll;
    private bool _noToAll;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = EditSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public GuestEdit Edit { get; set; } = null!;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes into the image itself in place of an overlay.</summary>
    [Parameter]
    public SwitchParameter InPlace { get; set; }

    /// <summary>The cmdlet goes on from an earlier edit.</summary>
    protected bool Continues => ParameterSetName == EditSet;

    /// <summary>Asks, edits and writes the result. Under -WhatIf the whole edit is rehearsed, so that the pipeline flows on and shows
    /// what would change.</summary>
    /// <param name="layout">The guest.</param>
    /// <param name="plan">Carried on in the result.</param>
    /// <param name="image">Full path of the image to edit.</param>
    /// <param name="actions">What to do.</param>
    /// <param name="description">The same for people: "Make ... start at boot".</param>
    protected void RunEdit(WindowsLayout layout, VirtioDriverPlan? plan, string image, IReadOnlyList<EditAction> actions, string description)
    {
        CurrentImage = image;
        bool goAhead = AsksToProcess(image, description, out bool rehearses);
        if ((!goAhead && !rehearses) || (goAhead && !MayWriteInPlace(image)))
        {
            return;
        }

        if (goAhead)
        {
            BeforeEdit(layout, image);
        }

        WriteObject(GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = layout,
                Plan = plan,
                ImagePath = image,
                Actions = actions,
                RehearsedActions = Continues && Edit.Mode == EditMode.Preview ? Edit.Actions : [],
                Destination = Destination is null ? null : HostPath(Destination),
                Force = Force,
                InPlace = InPlace,
                Preview = !goAhead,
            },
            this,
            StopToken));
    }

    /// <summary>What is done on the host before a guest is edited; not in a rehearsal.</summary>
    protected virtual void BeforeEdit(WindowsLayout layout, string image)
    {
    }

    /// <summary>The risk of -InPlace does not hang on $ConfirmPreference: it is asked for whenever there is no -Force.</summary>
    private bool MayWriteInPlace(string image) => !InPlace || Force || ShouldContinue(
        $"This writes into '{image}' itself. An undo journal is kept beside it, but a copy of the disk is better. Go on?", "Edit in place", ref _yesToAll, ref _noToAll);
}
