namespace Hyper2Kvm;

/// <summary>Processor architecture of the guest's Windows or of a driver.</summary>
public enum GuestArchitecture
{
    X86,
    X64,
    Arm64,
}
