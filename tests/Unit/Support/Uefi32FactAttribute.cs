using Hyper2Kvm.Booting;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that starts a machine from 32-bit UEFI firmware; skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class Uefi32FactAttribute : FactAttribute
{
    public Uefi32FactAttribute()
    {
        if (ForeignTool.Find("qemu-system-x86_64") is null || QemuFirmware.Find("i386", "q35", secureBoot: false, hasSmm: true) is null)
        {
            Skip = "not installed: qemu-system-x86_64 with ovmf-ia32";
        }
    }
}
