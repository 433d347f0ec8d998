namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -KvmFolder with libvirt's own folder for disks.</summary>
public sealed class KvmFolderCompleter() : UsualValueCompleter("/var/lib/libvirt/images");
