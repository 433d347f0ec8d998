namespace Hyper2Kvm;

/// <summary>What Windows writes when it stops. The numbers are those of the registry value <c>CrashDumpEnabled</c>.</summary>
public enum CrashDumpKind
{
    None = 0,

    /// <summary>All memory.</summary>
    Complete = 1,

    /// <summary>The kernel's memory.</summary>
    Kernel = 2,

    /// <summary>A minidump.</summary>
    Small = 3,

    /// <summary>The kernel's memory, with a page file that Windows sizes; from Windows 8 on.</summary>
    Automatic = 7,
}
