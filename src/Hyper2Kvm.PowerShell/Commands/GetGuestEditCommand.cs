using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-GuestEdit: the edits of a disk, from its change log.</summary>
[Cmdlet(VerbsCommon.Get, "GuestEdit", DefaultParameterSetName = PathSet)]
[OutputType(typeof(GuestEditRecord))]
public sealed class GetGuestEditCommand : ImagePathCmdlet
{
    protected override void ProcessImage(string imagePath)
    {
        foreach (GuestEditRecord record in ChangeLogReader.Read(
            imagePath, error => WriteError(ErrorRecords.From(error, imagePath, imagePath)), this))
        {
            WriteObject(record);
        }
    }
}
