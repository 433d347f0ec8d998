namespace Hyper2Kvm.Domains;

/// <summary>What one generation of Windows can drive without any driver of ours, and what it gains from.</summary>
/// <remarks>
/// <para>Versions: 5.x is XP and 2003, 6.0 Vista and 2008, 6.1 Windows 7 and 2008 R2, 6.2 Windows 8 and 2012, 10.0 the rest.</para>
/// <para>Network: XP and 2003 know the RTL8139, Vista and 7 the Intel 82540EM (e1000), 8 and later the 82574L (e1000e).
/// USB: there is no xHCI driver before Windows 8. AHCI: none before Vista. Video: the VGA of QEMU works on all from Vista on
/// without a driver, under BIOS and UEFI; XP and 2003 have one for Cirrus.</para>
/// </remarks>
internal sealed class WindowsProfile(WindowsVersion windows)
{
    private const int MaxQueues = 8;

    /// <summary>Windows 2000, XP, 2003: no AHCI, no virtio-scsi, no UEFI.</summary>
    public bool IsNt5 => windows.Major < 6;

    /// <summary>Windows 8, 2012 and later.</summary>
    public bool IsWindows8OrLater => IsAtLeast(6, 2);

    /// <summary>Windows 10, 2016 and later.</summary>
    public bool IsWindows10OrLater => windows.Major >= 10;

    /// <summary>Client builds from 22000 on; their ProductName still says Windows 10.</summary>
    public bool IsWindows11 => !windows.IsServer && IsWindows10OrLater && windows.Build >= 22000;

    public bool Is32Bit => windows.Architecture == GuestArchitecture.X86;

    public string Machine => IsNt5 ? "pc" : "q35";

    public string BootstrapDiskBus => IsNt5 ? "ide" : "sata";

    public string BootstrapNetworkCard => IsNt5 ? "rtl8139" : IsWindows8OrLater ? "e1000e" : "e1000";

    public string Video => IsNt5 ? "cirrus" : "vga";

    /// <summary>Identifier in the libosinfo database.</summary>
    public string OsInfoId => "http://microsoft.com/win/" + (windows.IsServer ? ServerId() : ClientId());

    /// <summary>Unless the request decides, Windows 11 has a TPM.</summary>
    public bool HasTpm(DomainRequest request) => request.Tpm ?? IsWindows11;

    /// <summary>How many queues a VirtIO disk, controller or card gets: one for each processor, and no more than a host has use for. Before
    /// Windows 8 the drivers have one only.</summary>
    public int Queues(DomainRequest request) => IsWindows8OrLater ? Math.Min(request.Sockets * request.Cores, MaxQueues) : 1;

    private string ClientId() => windows switch
    {
        { Major: < 5 } or { Major: 5, Minor: 0 } => "2k",
        { Major: 5 } => "xp",
        { Major: 6, Minor: 0 } => "vista",
        { Major: 6, Minor: 1 } => "7",
        { Major: 6, Minor: 2 } => "8",
        { Major: 6 } => "8.1",
        { Build: < 22000 } => "10",
        _ => "11",
    };

    private string ServerId() => windows switch
    {
        { Major: < 5 } or { Major: 5, Minor: 0 } => "2k",
        { Major: 5 } => "2k3",
        { Major: 6, Minor: 0 } => "2k8",
        { Major: 6, Minor: 1 } => "2k8r2",
        { Major: 6, Minor: 2 } => "2k12",
        { Major: 6 } => "2k12r2",
        { Build: < 17763 } => "2k16",
        { Build: < 20348 } => "2k19",
        { Build: < 26100 } => "2k22",
        _ => "2k25",
    };

    private bool IsAtLeast(int major, int minor) => windows.Major > major || (windows.Major == major && windows.Minor >= minor);
}
