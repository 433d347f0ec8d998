namespace Hyper2Kvm;

/// <summary>What stands behind a network adapter.</summary>
public enum NetworkAdapterKind
{
    /// <summary>A device on a bus: a network card, physical or virtual.</summary>
    Hardware,

    /// <summary>A team of network cards (LBFO or a vendor's).</summary>
    Team,

    /// <summary>A port of a Hyper-V virtual switch in this Windows.</summary>
    VirtualSwitch,

    /// <summary>Software only: VPN, tunnels, loopback.</summary>
    Software,
}
