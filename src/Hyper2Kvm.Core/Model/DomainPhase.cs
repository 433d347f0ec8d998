namespace Hyper2Kvm;

/// <summary>The two boots of the switch to KVM.</summary>
public enum DomainPhase
{
    /// <summary>First boot: SATA disk, driver ISO attached.</summary>
    Bootstrap,

    /// <summary>From then on: VirtIO.</summary>
    Final,
}
