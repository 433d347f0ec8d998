using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that edits a guest and needs no driver plan: from a layout, or anything of the pipeline that carries one.</summary>
public abstract class LayoutEditCmdlet : GuestEditCmdlet
{
    protected const string LayoutSet = "Layout";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LayoutSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ParameterSetName = LayoutSet, ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    /// <summary>The image to edit; the outer object's wins over that of the layout within.</summary>
    [Parameter(ParameterSetName = LayoutSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    /// <summary>Full path of the image that is edited.</summary>
    protected string Image { get; private set; } = "";

    protected abstract IReadOnlyList<EditAction> Actions(WindowsLayout layout);

    /// <summary>What is done, for ShouldProcess.</summary>
    protected abstract string Description(WindowsLayout layout);

    protected sealed override void Process()
    {
        WindowsLayout layout = Continues ? Edit.Layout : Layout;
        CurrentImage = Image = Continues ? Edit.ImagePath : HostPath(ImagePath ?? layout.ImagePath);
        RunEdit(layout, Continues ? Edit.Plan : Plan, Image, Actions(layout), Description(layout));
    }
}
