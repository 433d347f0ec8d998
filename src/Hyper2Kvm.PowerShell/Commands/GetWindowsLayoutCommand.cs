using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-WindowsLayout: what is on a powered-off disk.</summary>
[Cmdlet(VerbsCommon.Get, "WindowsLayout", DefaultParameterSetName = PathSet)]
[OutputType(typeof(WindowsLayout))]
public sealed class GetWindowsLayoutCommand : ImagePathCmdlet
{
    /// <summary>Which Windows is meant on a disk that holds several: the number of its partition.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int? Partition { get; set; }

    protected override void ProcessImage(string imagePath) => WriteObject(LayoutProbe.Probe(imagePath, Partition, this));
}
