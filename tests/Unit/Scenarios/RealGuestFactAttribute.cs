using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>A test on the guests with real hives: it needs them, real INFs, and what others wrote into such guests.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealGuestFactAttribute() : GuestFactAttribute(
    WindowsXpGuest.System,
    Windows7Guest.System,
    Windows10DirtyGuest.System,
    Windows10DirtyGuest.Log1,
    Windows10DirtyGuest.Log2,
    Windows10Guest.System,
    "hive-software/virt-v2v-winxp-32-software.reg",
    "hive-software/virt-v2v-win10-software.reg",
    "virtio-drivers/Wxp-x86/viostor.inf",
    "virtio-drivers/Wlh-x86/vioscsi.inf",
    "virtio-drivers/Win10-amd64-100.85.104.20800/viostor.inf",
    "virtio-drivers/inf-100.101.104.28500/vioscsi_2k19.inf",
    VirtV2v.Windows7,
    VirtV2v.Windows10,
    PnpExport.File);
