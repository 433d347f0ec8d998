using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Undo-GuestEdit: the disk as it was before it was edited. An edit in the pipeline binds by its image's path.</summary>
[Cmdlet(VerbsCommon.Undo, "GuestEdit", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(UndoneEdit))]
public sealed class UndoGuestEditCommand : ImagePathCmdlet
{
    /// <summary>Only the last of several edits in place.</summary>
    [Parameter]
    public SwitchParameter Last { get; set; }

    /// <summary>Removes an overlay although a guest has written to it; passes over times of writing.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessImage(string imagePath)
    {
        if (AsksToProcess(imagePath, Last ? "Undo the last edit of the guest" : "Undo the edits of the guest", out _))
        {
            WriteObject(GuestUndo.Run(new GuestUndoRequest { ImagePath = imagePath, Last = Last, Force = Force }, this));
        }
    }
}
