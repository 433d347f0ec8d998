using Hyper2Kvm.Booting;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that Microsoft's boot manager judges in a QEMU machine; skipped by name without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal class WindowsBootFactAttribute : FactAttribute
{
    /// <param name="data">Files of the shared data.</param>
    public WindowsBootFactAttribute(params string[] data)
        : this("bootmgfw.efi", ["hivexregedit", "mcopy"], data)
    {
        if (Skip is null && QemuFirmware.Find("x86_64", "q35", secureBoot: false) is null)
        {
            Skip = "not here: OVMF";
        }
    }

    protected WindowsBootFactAttribute(string program, string[] tools, string[] data)
    {
        List<string> missing = [.. tools.Append("qemu-img").Append("qemu-system-x86_64").Where(tool => ForeignTool.Find(tool) is null), .. data.Where(file => !SharedData.Has(file))];
        if (WindowsBootManager.Find(program) is null)
        {
            missing.Add($"{program} in the folder that HYPER2KVM_TEST_BOOTMGR names");
        }

        Skip = missing.Count > 0 ? $"not here: {string.Join(", ", missing)}" : null;
    }
}
