namespace Hyper2Kvm.Editing;

/// <summary>What a hypervisor's tools consist of, by names in the registry.</summary>
/// <param name="Services">In the order in which they are switched off: programs, then file system and network filters, then devices.</param>
/// <param name="Kept">Drivers of disks that are left alone: the guest may have to start from them once more.</param>
/// <param name="NetworkProviders">Names in the order of network providers.</param>
/// <param name="TimeProviders">Keys below <c>W32Time\TimeProviders</c>.</param>
/// <param name="RunValues">Values of <c>CurrentVersion\Run</c>.</param>
internal sealed record GuestToolParts(
    IReadOnlyList<string> Services,
    IReadOnlyList<string> Kept,
    IReadOnlyList<string> NetworkProviders,
    IReadOnlyList<string> TimeProviders,
    IReadOnlyList<string> RunValues)
{
    private static readonly GuestToolParts s_vmware = new(
        [
            "VMTools", "VGAuthService", "VMwareCAFCommAmqpListener", "VMwareCAFManagementAgentHost", "VMUpgradeHelper", "GISvc", "vmvss", "vm3dservice",
            "vmhgfs", "vsepflt", "vnetflt", "vnetWFP", "vmmemctl", "vmrawdsk", "vmdebug", "vmdesched",
            "vmmouse", "vmusbmouse", "vmkbd", "vm3dmp_loader", "vm3dmp-stats", "vm3dmp-debug", "vm3dmp", "vmx_svga", "svga_wddm", "vmaudio",
            "vmxnet", "vmxnet3", "vmxnet3ndis6", "efifw", "vmwefifw", "VMCISockets", "vsock", "vmci",
        ],
        ["pvscsi", "vmscsi"],
        ["vmhgfs"],
        ["vmwTimeProvider"],
        ["VMware User Process", "VMware Tools"]);

    private static readonly GuestToolParts s_hyperV = new(
        [
            "vmicguestinterface", "vmicheartbeat", "vmickvpexchange", "vmicrdv", "vmicshutdown", "vmictimesync", "vmicvmsession", "vmicvss",
            "1-vmsrvc", "1-driver-vmsrvc", "msvmmouf", "vpc-s3", "vpcubus", "vpcuhub", "vpcbus",
        ],
        ["storvsc", "vmbus"],
        [],
        ["VMICTimeProvider"],
        []);

    private static readonly GuestToolParts s_virtualBox = new(
        ["VBoxService", "VBoxSF", "VBoxMouse", "VBoxWddm", "VBoxVideo", "VBoxVideoW8", "VBoxGuest"], [], ["VBoxNP", "VBoxSF"], [], ["VBoxTray"]);

    private static readonly GuestToolParts s_xen = new(
        [
            "xensvc", "xenagent", "XenInstall", "xenbus_monitor", "xenlite", "xencons_monitor", "rhelnet", "rhelscsi", "rhelfltr",
            "xenfilt", "scsifilt", "xenevtchn", "xencons", "xenhid", "xenvkbd", "xeninp", "xennet", "xenvif", "xenpci", "xendisk", "xencrsh", "xenvbd",
            "xeniface", "xenbus", "xen",
        ],
        [],
        [],
        [],
        ["XenServer Guest Agent"]);

    private static readonly GuestToolParts s_parallels = new(
        [
            "Parallels Coherence Service", "Parallels Tools Service", "prl_tools_service", "prl_time", "prl_uprof", "prl_fs", "prl_strg", "prl_mouf",
            "prl_tg", "prl_dd", "prl_va", "prl_sound", "prl_eth5", "prl_memdev", "prl_pv32", "prl_pv64", "prl_scsi", "prl_boot",
        ],
        [],
        ["prl_np"],
        [],
        ["Parallels Tools Center", "SharedIntApp"]);

    public static GuestToolParts Of(GuestTool tool) => tool switch
    {
        GuestTool.VMware => s_vmware,
        GuestTool.HyperV => s_hyperV,
        GuestTool.VirtualBox => s_virtualBox,
        GuestTool.Xen => s_xen,
        GuestTool.Parallels => s_parallels,
        _ => throw new ArgumentOutOfRangeException(nameof(tool), tool, "no such tool"),
    };
}
