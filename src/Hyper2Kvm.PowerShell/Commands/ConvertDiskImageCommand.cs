using System.Management.Automation;
using Hyper2Kvm.Conversion;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Images;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Convert-DiskImage: a QCOW2 or raw image of a disk, with all that it stands on.</summary>
[Cmdlet(VerbsData.Convert, "DiskImage", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(DiskConversion))]
public sealed class ConvertDiskImageCommand : ImagePathCmdlet
{
    /// <summary>The new file, or a folder for it; the folder of the image by default.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    [Parameter]
    public ConversionFormat Format { get; set; }

    [Parameter]
    public ImageCompression Compression { get; set; }

    /// <summary>Of a QCOW2 file, in bytes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ClusterSizeCompleter))]
    public int ClusterSize { get; set; } = 64 * 1024;

    /// <summary>Leave out free clusters of NTFS volumes and the content of page files.</summary>
    [Parameter]
    public SwitchParameter SkipFreeSpace { get; set; }

    /// <summary>Compare the new file with the source.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Go on with an interrupted conversion, and stay so that one can go on with this.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public WindowsLayout? Layout { get; set; }

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    protected override void ProcessImage(string imagePath)
    {
        string action = $"Convert to {Format}{(Compression == ImageCompression.None ? "" : $" with {Compression} compression")}";
        bool goAhead = AsksToProcess(imagePath, action, out bool rehearses);
        if (!goAhead && !rehearses)
        {
            return;
        }

        WriteObject(DiskConverter.Run(
            new DiskConversionRequest
            {
                ImagePath = imagePath,
                Destination = Destination is null ? null : HostPath(Destination),
                Settings = new ConversionSettings(Format == ConversionFormat.Raw ? ImageFormat.Raw : ImageFormat.Qcow2, Compression, ClusterSize),
                SkipFreeSpace = SkipFreeSpace,
                Verify = Verify,
                Resume = Resume,
                Force = Force,
                Preview = !goAhead,
                Layout = Layout,
                Plan = Plan,
            },
            this,
            StopToken));
    }
}
