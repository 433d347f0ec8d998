using System.Management.Automation;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet at the end of the pipeline, which makes host files from what the stages before it found, planned and edited.</summary>
public abstract class ResultCmdlet : Hyper2KvmCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    /// <summary>The image that is meant; the outer object's wins over that of the layout within.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    /// <summary>Host folder for the files; the image's own by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    protected sealed override void Process()
    {
        string image = ImagePath is null ? Layout.ImagePath : HostPath(ImagePath);
        CurrentImage = image;
        Process(image, OutputDirectory is null ? OvaPath.FolderOf(image) : HostPath(OutputDirectory));
    }

    /// <param name="image">Full path of the image.</param>
    /// <param name="folder">Full path of the folder for the files; it need not exist.</param>
    protected abstract void Process(string image, string folder);
}
