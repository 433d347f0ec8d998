namespace Hyper2Kvm.Unit.Support;

/// <summary>A disk of the machine that Linux runs in.</summary>
/// <param name="Name">Serial number: a few lower-case letters.</param>
/// <param name="Device">QEMU device: <c>virtio-blk-pci</c>, or <c>ide-hd,bus=ide.0</c>.</param>
/// <param name="Image">Host path of the image below; it stays as it is.</param>
/// <param name="Format">QEMU's name of the image's format.</param>
internal sealed record LinuxDisk(string Name, string Device, string Image, string Format);
