namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that Linux judges in a QEMU machine; skipped by name without the tools or a kernel that has ntfs3.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    private static readonly string[] s_tools =
    [
        "bash", "busybox", "cpio", "modprobe", "ntfscat", "qemu-img", "qemu-system-x86_64", "timeout", "xz",
    ];

    /// <param name="needs">More tools, and files of the shared data with an @ before them.</param>
    public LinuxFactAttribute(params string[] needs)
    {
        List<string> missing = [.. s_tools.Concat(needs).Where(need => need[0] == '@' ? !SharedData.Has(need[1..]) : ForeignTool.Find(need) is null)];
        if (LinuxKernel.Found is null)
        {
            missing.Add("a Linux kernel with ntfs3");
        }

        Skip = missing.Count > 0 ? $"not here: {string.Join(", ", missing)}" : null;
    }
}
