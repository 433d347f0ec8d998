namespace Hyper2Kvm;

/// <summary>What runs the domain.</summary>
public enum KvmDomainKind
{
    /// <summary>libvirt: domain XML.</summary>
    Libvirt,

    /// <summary>QEMU without libvirt: a shell script.</summary>
    Qemu,

    /// <summary>KubeVirt: a VirtualMachine manifest.</summary>
    KubeVirt,

    /// <summary>Proxmox VE: a shell script of <c>qm</c> commands.</summary>
    Proxmox,
}
