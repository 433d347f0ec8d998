using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test on guests that foreign tools make, mount and judge; skipped by name without the tools, the rights or the data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GuestFactAttribute : FactAttribute
{
    private static readonly string[] s_tools =
    [
        "bash", "mkntfs", "ntfs-3g", "ntfsfix", "ntfsinfo", "umount", "sgdisk", "sfdisk", "mkfs.fat", "mcopy", "qemu-img", "qemu-io",
    ];

    public GuestFactAttribute(params string[] data)
    {
        List<string> reasons = [];
        string[] tools = [.. s_tools.Where(tool => ForeignTool.Find(tool) is null)];
        string[] files = [.. data.Where(file => !SharedData.Has(file))];
        if (tools.Length > 0)
        {
            reasons.Add($"not installed: {string.Join(", ", tools)}");
        }

        if (!Hivex.IsThere)
        {
            reasons.Add("not installed: python3-hivex");
        }

        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
        {
            reasons.Add("ntfs-3g mounts need root and /dev/fuse");
        }

        if (files.Length > 0)
        {
            reasons.Add($"test data not here: {string.Join(", ", files)}");
        }

        Skip = reasons.Count > 0 ? string.Join("; ", reasons) : null;
    }
}
