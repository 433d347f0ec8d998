namespace Hyper2Kvm;

/// <summary>What Windows does with a disk that it sees for the first time. The numbers are those of the registry value <c>SanPolicy</c>.</summary>
public enum SanPolicy
{
    /// <summary>Every disk is online. The default of clients.</summary>
    OnlineAll = 1,

    /// <summary>Disks on a bus that several machines may share stay offline. The default of servers.</summary>
    OfflineShared = 2,

    /// <summary>Every new disk but the boot disk stays offline.</summary>
    OfflineAll = 3,

    /// <summary>Disks inside the machine stay offline.</summary>
    OfflineInternal = 4,
}
