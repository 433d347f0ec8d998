using Hyper2Kvm.Booting;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that Microsoft's boot manager judges in a QEMU machine; skipped by name without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WindowsBootFactAttribute : FactAttribute
{
    private static readonly string[] s_tools = ["hivexregedit", "mcopy", "qemu-img", "qemu-system-x86_64"];

    /// <param name="data">Files of the shared data.</param>
    public WindowsBootFactAttribute(params string[] data)
    {
        List<string> missing = [.. s_tools.Where(tool => ForeignTool.Find(tool) is null), .. data.Where(file => !SharedData.Has(file))];
        if (QemuFirmware.Find("x86_64", "q35", secureBoot: false) is null)
        {
            missing.Add("OVMF");
        }

        if (WindowsBootManager.Find("bootmgfw.efi") is null)
        {
            missing.Add("bootmgfw.efi in the folder that HYPER2KVM_TEST_BOOTMGR names");
        }

        Skip = missing.Count > 0 ? $"not here: {string.Join(", ", missing)}" : null;
    }
}
