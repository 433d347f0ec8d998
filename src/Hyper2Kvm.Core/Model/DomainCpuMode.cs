namespace Hyper2Kvm;

/// <summary>What the guest sees of the host's processor.</summary>
public enum DomainCpuMode
{
    /// <summary>All that the host has and libvirt can name: the guest can be migrated live between like hosts.</summary>
    HostModel,

    /// <summary>The host's processor as it is: the fastest, and the one for hypervisors within the guest.</summary>
    HostPassthrough,
}
