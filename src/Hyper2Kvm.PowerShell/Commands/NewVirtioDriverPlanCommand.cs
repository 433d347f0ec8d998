using System.Management.Automation;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>New-VirtioDriverPlan: which drivers this guest gets.</summary>
[Cmdlet(VerbsCommon.New, "VirtioDriverPlan")]
[OutputType(typeof(VirtioDriverPlan))]
public sealed class NewVirtioDriverPlanCommand : Hyper2KvmCmdlet
{
    private DriverRules _rules = null!;
    private DriverSource? _source;

    /// <remarks>PowerShell binds by position before it binds from the pipeline, so position 0 is what the user types.</remarks>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>The image to edit, where it is not the layout's own.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    /// <summary>The virtio-win ISO, or a folder with its content.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string DriverSource { get; set; } = null!;

    /// <summary>Disk bus of the final domain.</summary>
    [Parameter]
    public StorageBus Bus { get; set; }

    /// <summary>Rules of the user's own, YAML or JSON, laid over the default ones.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] RuleFile { get; set; } = [];

    /// <summary>Take drivers that this Windows does not load because of their signature.</summary>
    [Parameter]
    public SwitchParameter AllowUnsignedDriver { get; set; }

    protected override void BeginProcessing() => OrTerminate(() =>
    {
        _rules = DriverRuleFiles.Load(RuleFile.Select(HostPath));
        _source = Drivers.DriverSource.Open(HostPath(DriverSource));
    });

    protected override void Process()
    {
        CurrentImage = ImagePath is null ? Layout.ImagePath : HostPath(ImagePath);
        WriteObject(DriverPlanner.Plan(Layout, CurrentImage, _source!, _rules, Bus, AllowUnsignedDriver, this));
    }

    protected override void Dispose(bool disposing)
    {
        _source?.Dispose();
        base.Dispose(disposing);
    }
}
