using System.Management.Automation;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that looks at disks: by path, or by a layout or anything of the pipeline that carries one.</summary>
/// <remarks>The layout's set must be the default one: all that carries a layout has a PSPath too, which would bind LiteralPath.</remarks>
public abstract class DiskOrLayoutCmdlet : ImagePathCmdlet
{
    protected const string LayoutSet = "Layout";

    [Parameter(Mandatory = true, ParameterSetName = LayoutSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ParameterSetName = LayoutSet, ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    /// <summary>The image to read; the outer object's wins over that of the layout within.</summary>
    [Parameter(ParameterSetName = LayoutSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    /// <summary>Which Windows is meant on a disk that holds several: the number of its partition.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(1, 256)]
    [ArgumentCompleter(typeof(WindowsPartitionCompleter))]
    public int? Partition { get; set; }

    /// <summary>Handles one image.</summary>
    /// <param name="imagePath">Full path on the host's file system.</param>
    /// <param name="partition">Partition of the Windows that is meant, where it is known.</param>
    protected abstract void ProcessDisk(string imagePath, int? partition);

    protected sealed override void ProcessImage(string imagePath) => ProcessDisk(imagePath, Partition);

    protected sealed override bool ProcessOther()
    {
        if (ParameterSetName != LayoutSet)
        {
            return false;
        }

        string image = HostPath(ImagePath ?? Layout.ImagePath);
        CurrentImage = image;
        ProcessDisk(image, Layout.WindowsPartition.Number);
        return true;
    }
}
