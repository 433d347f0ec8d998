using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Test-VirtioReadiness: whether Windows on a disk would start from VirtIO.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VirtioReadiness", DefaultParameterSetName = LayoutSet)]
[OutputType(typeof(VirtioReadinessTest))]
public sealed class TestVirtioReadinessCommand : DiskOrLayoutCmdlet
{
    /// <summary>The disk bus that is meant; without it that of the plan, else any.</summary>
    [Parameter]
    public StorageBus? Bus { get; set; }

    protected override void ProcessDisk(string imagePath, int? partition) => WriteObject(
        VirtioReadinessReader.Test(imagePath, partition, Bus, ParameterSetName == LayoutSet ? Plan : null, this));
}
