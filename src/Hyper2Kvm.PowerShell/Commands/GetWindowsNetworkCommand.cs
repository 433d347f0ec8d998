using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-WindowsNetwork: the network settings of a powered-off Windows.</summary>
[Cmdlet(VerbsCommon.Get, "WindowsNetwork")]
[OutputType(typeof(WindowsNetwork))]
public sealed class GetWindowsNetworkCommand : Hyper2KvmCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    /// <summary>The image to read; the outer object's wins over that of the layout within.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    protected override void Process()
    {
        CurrentImage = ImagePath is null ? Layout.ImagePath : HostPath(ImagePath);
        WindowsNetwork network = WindowsNetworkReader.Read(Layout, Plan, CurrentImage, this);
        foreach (string warning in network.Warnings)
        {
            WriteWarning(warning);
        }

        WriteObject(network);
    }
}
