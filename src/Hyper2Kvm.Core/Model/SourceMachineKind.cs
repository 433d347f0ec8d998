namespace Hyper2Kvm;

/// <summary>What a description of a source machine is.</summary>
public enum SourceMachineKind
{
    /// <summary>Flags given by hand.</summary>
    Manual,

    /// <summary>An OVF file, alone or in an OVA.</summary>
    Ovf,

    /// <summary>A VMX file of ESXi, Workstation or Fusion.</summary>
    Vmx,

    /// <summary>An object of Hyper-V's Get-VM.</summary>
    HyperV,

    /// <summary>An object of PowerCLI's Get-VM.</summary>
    PowerCli,

    /// <summary>A libvirt domain.</summary>
    Libvirt,
}
