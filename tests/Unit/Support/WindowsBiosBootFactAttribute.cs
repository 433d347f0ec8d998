namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that Microsoft's boot manager for BIOS judges in a QEMU machine; GRUB starts it, as mkntfs writes no boot code.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WindowsBiosBootFactAttribute() : WindowsBootFactAttribute("bootmgr", ["bash", "grub-mkimage", "ntfscp"], []);
