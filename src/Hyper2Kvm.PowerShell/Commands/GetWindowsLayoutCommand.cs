using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images.Ova;
using Hyper2Kvm.Machines;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-WindowsLayout: what is on a powered-off disk.</summary>
[Cmdlet(VerbsCommon.Get, "WindowsLayout", DefaultParameterSetName = PathSet)]
[OutputType(typeof(WindowsLayout))]
public sealed class GetWindowsLayoutCommand : ImagePathCmdlet
{
    private const string MachineSet = "Machine";

    /// <summary>The machine, of which the disk with Windows is looked for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MachineSet, ValueFromPipeline = true)]
    [SourceMachineTransformation]
    [ValidateNotNull]
    public SourceMachine SourceMachine { get; set; } = null!;

    /// <summary>Which Windows is meant on a disk that holds several: the number of its partition.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    [ArgumentCompleter(typeof(WindowsPartitionCompleter))]
    public int? Partition { get; set; }

    /// <summary>Compare the files of an OVA with the hashes in its manifest first.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter VerifyManifest { get; set; }

    protected override bool ProcessOther()
    {
        if (ParameterSetName != MachineSet)
        {
            return false;
        }

        Guard(SourceMachine, () => WriteObject(MachineProbe.Probe(SourceMachine, Partition, this)));
        return true;
    }

    protected override void ProcessImage(string imagePath)
    {
        if (VerifyManifest)
        {
            BundleManifest.Verify(imagePath, this, StopToken);
        }

        WriteObject(MachineReader.FindInOva(imagePath) is { Disks.Count: > 0 } machine
            ? MachineProbe.Probe(machine, Partition, this)
            : LayoutProbe.Probe(imagePath, Partition, this));
    }
}
