using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Test-Bcd: whether a disk can start its Windows.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Bcd", DefaultParameterSetName = LayoutSet)]
[OutputType(typeof(BcdTest))]
public sealed class TestBcdCommand : DiskOrLayoutCmdlet
{
    protected override void ProcessDisk(string imagePath, int? partition) =>
        WriteObject(BcdReader.Test(imagePath, partition, ParameterSetName == LayoutSet ? Plan : null, this));
}
