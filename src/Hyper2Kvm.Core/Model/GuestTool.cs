namespace Hyper2Kvm;

/// <summary>A hypervisor whose tools may be in a guest.</summary>
public enum GuestTool
{
    VMware,

    /// <summary>The integration services, and the additions of Virtual PC before them.</summary>
    HyperV,

    VirtualBox,

    /// <summary>Xen, XenServer, Citrix, and the drivers of Red Hat and SUSE for it.</summary>
    Xen,

    Parallels,
}
