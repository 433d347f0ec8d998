namespace Hyper2Kvm.Editing.Actions;

/// <summary>Settings that decide what the first starts on new hardware do. What is null or false is left as it is.</summary>
public sealed record BootPolicyAction : EditAction
{
    public override string Step => "BootPolicy";

    /// <summary>For disks that Windows sees for the first time.</summary>
    public SanPolicy? SanPolicy { get; init; }

    /// <summary>Restart after a stop error.</summary>
    public bool? AutoReboot { get; init; }

    public CrashDumpKind? CrashDump { get; init; }

    /// <summary>The partition of Windows has the letter that Windows was installed with.</summary>
    public bool RestoreDriveLetter { get; init; }

    /// <summary>A page file of Windows' own size, in place of those that are named.</summary>
    public bool SystemManagedPageFile { get; init; }

    /// <summary>Crash dumps where Windows puts them by itself.</summary>
    public bool DefaultDumpFile { get; init; }

    /// <summary>Start without Credential Guard.</summary>
    public bool DisableCredentialGuard { get; init; }

    /// <summary>Start without virtualization-based security, and so without all that stands on it: Credential Guard, memory integrity.</summary>
    public bool DisableVirtualizationBasedSecurity { get; init; }

    /// <summary>Take the claim of hidinterrupt.inf on ACPI0010, the container of processors, out of the driver database.</summary>
    public bool RemoveHidInterruptClaim { get; init; }

    /// <summary>Switch the drivers of the old machine's processor off, in a Windows before Vista.</summary>
    public bool DisableProcessorDriver { get; init; }
}
