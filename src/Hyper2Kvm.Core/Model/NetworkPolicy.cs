namespace Hyper2Kvm;

/// <summary>What becomes of the network settings of a guest.</summary>
public enum NetworkPolicy
{
    /// <summary>The settings of each adapter go to the new one with the same MAC address.</summary>
    Preserve,

    /// <summary>Everything comes from DHCP.</summary>
    Dhcp,

    /// <summary>The settings are those that the user gives.</summary>
    Replace,
}
