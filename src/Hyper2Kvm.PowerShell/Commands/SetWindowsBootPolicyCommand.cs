using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Set-WindowsBootPolicy: settings that decide what the first starts on new hardware do.</summary>
[Cmdlet(VerbsCommon.Set, "WindowsBootPolicy", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class SetWindowsBootPolicyCommand : LayoutEditCmdlet
{
    /// <summary>What Windows does with disks that it sees for the first time.</summary>
    [Parameter]
    public SanPolicy? SanPolicy { get; set; }

    /// <summary>Whether Windows restarts after a stop error; -AutoReboot:$false keeps the error on the screen.</summary>
    [Parameter]
    public SwitchParameter AutoReboot { get; set; }

    /// <summary>What Windows writes when it stops.</summary>
    [Parameter]
    public CrashDumpKind? CrashDump { get; set; }

    /// <summary>Where the disk's id or the partition has changed.</summary>
    [Parameter]
    public SwitchParameter RestoreDriveLetter { get; set; }

    /// <summary>In place of page files on disks that are not there.</summary>
    [Parameter]
    public SwitchParameter SystemManagedPageFile { get; set; }

    /// <summary>In place of crash dumps to disks that are not there.</summary>
    [Parameter]
    public SwitchParameter DefaultDumpFile { get; set; }

    [Parameter]
    public SwitchParameter DisableCredentialGuard { get; set; }

    /// <summary>With all that stands on it: Credential Guard, memory integrity.</summary>
    [Parameter]
    public SwitchParameter DisableVirtualizationBasedSecurity { get; set; }

    [Parameter]
    public SwitchParameter RemoveHidInterruptClaim { get; set; }

    /// <summary>Windows XP and Server 2003: without the drivers of the old machine's processor.</summary>
    [Parameter]
    public SwitchParameter DisableProcessorDriver { get; set; }

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout)
    {
        BootPolicyAction policy = new()
        {
            SanPolicy = SanPolicy,
            AutoReboot = MyInvocation.BoundParameters.ContainsKey(nameof(AutoReboot)) ? AutoReboot.ToBool() : null,
            CrashDump = CrashDump,
            RestoreDriveLetter = RestoreDriveLetter,
            SystemManagedPageFile = SystemManagedPageFile,
            DefaultDumpFile = DefaultDumpFile,
            DisableCredentialGuard = DisableCredentialGuard,
            DisableVirtualizationBasedSecurity = DisableVirtualizationBasedSecurity,
            RemoveHidInterruptClaim = RemoveHidInterruptClaim,
            DisableProcessorDriver = DisableProcessorDriver,
        };
        return policy != new BootPolicyAction()
            ? [policy]
            : throw new GuestStateException(
                "BootPolicyEmpty", layout.ImagePath, "No setting was given, so there is nothing to do.",
                "Give at least one of -SanPolicy, -AutoReboot, -CrashDump, -RestoreDriveLetter, -SystemManagedPageFile, -DefaultDumpFile, -DisableCredentialGuard, "
                + "-DisableVirtualizationBasedSecurity, -RemoveHidInterruptClaim, -DisableProcessorDriver.");
    }

    protected override string Description(WindowsLayout layout) => "Set what the first starts on new hardware do";
}
