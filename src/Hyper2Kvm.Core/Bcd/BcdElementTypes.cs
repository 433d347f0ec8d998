namespace Hyper2Kvm.Bcd;

/// <summary>Element types that decide how a disk boots. Their names for people are in <see cref="BcdElementNames"/>.</summary>
public static class BcdElementTypes
{
    public const uint ApplicationDevice = 0x11000001;
    public const uint ApplicationPath = 0x12000002;
    public const uint Description = 0x12000004;
    public const uint LoadOptions = 0x12000030;
    public const uint Inherit = 0x14000006;
    public const uint DebuggerEnabled = 0x16000010;
    public const uint GraphicsModeDisabled = 0x16000046;
    public const uint NoIntegrityChecks = 0x16000048;
    public const uint TestSigning = 0x16000049;

    /// <summary>Loader: the partition of Windows. Resume application: the partition of hiberfil.sys.</summary>
    public const uint OsDevice = 0x21000001;

    /// <summary>Loader: the Windows directory. Resume application: the hibernation file.</summary>
    public const uint SystemRoot = 0x22000002;

    /// <summary>Boot manager: the default entry. Loader: its resume application.</summary>
    public const uint DefaultObject = 0x23000003;
    public const uint DisplayOrder = 0x24000001;
    public const uint BootSequence = 0x24000002;
    public const uint Timeout = 0x25000004;
    public const uint RecoverySequence = 0x14000008;
    public const uint RecoveryEnabled = 0x16000009;
    public const uint BootEms = 0x16000020;
    public const uint AdvancedOptions = 0x16000040;
    public const uint OneTimeAdvancedOptions = 0x260000C3;
    public const uint NoIntegrityChecksOfLoader = 0x26000026;
    public const uint SdiDevice = 0x31000003;
    public const uint SdiPath = 0x32000004;
    public const uint AttemptResume = 0x26000005;

    /// <summary>The entry starts Windows PE: setup, or the recovery environment.</summary>
    public const uint WinPe = 0x26000022;
    public const uint TestSigningOfLoader = 0x26000027;
    public const uint ApicClusterLimit = 0x25000052;
    public const uint LegacyApic = 0x26000054;
    public const uint X2ApicPolicy = 0x25000055;
    public const uint OneProcessor = 0x26000060;
    public const uint ProcessorCount = 0x25000061;
    public const uint MessageInterrupts = 0x25000071;
    public const uint SafeBoot = 0x25000080;
    public const uint KernelDebugger = 0x260000A0;
    public const uint UsePlatformClock = 0x260000A2;
    public const uint Ems = 0x260000B0;
    public const uint HypervisorLaunchType = 0x250000F0;
}
