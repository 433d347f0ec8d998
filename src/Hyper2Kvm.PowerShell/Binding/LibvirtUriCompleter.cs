namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -Connect with the libvirt of this host and that of this user.</summary>
public sealed class LibvirtUriCompleter() : UsualValueCompleter("qemu:///system", "qemu:///session");
