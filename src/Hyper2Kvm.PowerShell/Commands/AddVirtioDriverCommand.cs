using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Add-VirtioDriver: packages for network, balloon and other devices, where Windows' own PnP finds them at the first boot.</summary>
[Cmdlet(VerbsCommon.Add, "VirtioDriver", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class AddVirtioDriverCommand : LayoutEditCmdlet
{
    private IReadOnlyList<PlannedPackage> _packages = [];

    /// <summary>The devices; without it all that the source has a driver for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateSet("Network", "Serial", "Rng", "Balloon", "Gpu", "Input", "Socket", "Crypto", "Memory", "Sound", "FileSystem", "Panic", "FirmwareConfig", "Qxl")]
    public VirtioDevice[] Device { get; set; } = [];

    /// <summary>The virtio-win ISO, or a folder with its content; without it that of the plan.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DriverSource { get; set; }

    /// <summary>Rules of the user's own, YAML or JSON, laid over the default ones.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] RuleFile { get; set; } = [];

    /// <summary>Take drivers that this Windows does not load because of their signature.</summary>
    [Parameter]
    public SwitchParameter AllowUnsignedDriver { get; set; }

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout)
    {
        VirtioDriverPlan? plan = Continues ? Edit.Plan : Plan;
        string path = DriverSource is not null ? HostPath(DriverSource) : plan?.Source ?? throw new GuestStateException(
            "DriverSourceMissing", layout.ImagePath, "No driver source was given, and there is no plan that names one.",
            "Give -DriverSource virtio-win.iso, or plan first with New-VirtioDriverPlan.");
        bool allowUnsigned = AllowUnsignedDriver || plan is { AllowsUnsignedDrivers: true };
        using DriverSource source = Drivers.DriverSource.Open(path);
        _packages = DevicePlanner.Plan(layout, source, DriverRuleFiles.Load(RuleFile.Select(HostPath)), Device, allowUnsigned, this);
        return EditSteps.AddVirtioDriver(source.Path, _packages);
    }

    protected override string Description(WindowsLayout layout) => $"Stage {string.Join(", ", _packages)} for Windows to install";
}
