namespace Hyper2Kvm;

/// <summary>What a driver is needed for.</summary>
public enum DriverRole
{
    Storage,
    Network,
}
