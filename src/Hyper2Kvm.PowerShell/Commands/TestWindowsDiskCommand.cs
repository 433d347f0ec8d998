using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Test-WindowsDisk: what is damaged on a powered-off disk.</summary>
[Cmdlet(VerbsDiagnostic.Test, "WindowsDisk", DefaultParameterSetName = PathSet)]
[OutputType(typeof(DiskCheck))]
public sealed class TestWindowsDiskCommand : ImagePathCmdlet
{
    /// <summary>Only what an edit touches.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    protected override void ProcessImage(string imagePath) => WriteObject(DiskChecker.Check(imagePath, Quick, this, StopToken));
}
