namespace Hyper2Kvm;

/// <summary>Whether a network adapter was in the machine when Windows last ran.</summary>
public enum NetworkAdapterState
{
    /// <summary>The hive does not say. Treated like a live one wherever something could be lost.</summary>
    Unknown,

    /// <summary>It was there at the last start.</summary>
    Live,

    /// <summary>It was not: only its entries are left.</summary>
    Ghost,
}
