using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test on guests that foreign tools make, mount and judge; skipped by name without the tools, the rights or the data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal class GuestFactAttribute : FactAttribute
{
    private static readonly string[] s_tools =
    [
        "bash", "mkntfs", "ntfs-3g", "ntfsfix", "ntfsinfo", "ntfsresize", "ntfssecaudit", "umount", "sgdisk", "sfdisk",
        "mkfs.fat", "fsck.fat", "mcopy", "qemu-img", "qemu-io",
    ];

    /// <param name="data">Files of the test data.</param>
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

    /// <summary>The test makes a disk by way of a loop device.</summary>
    public bool NeedsLoopDevice
    {
        get => false;
        set => Skip ??= value && (ForeignTool.Find("losetup") is null || !File.Exists("/dev/loop-control")) ? "there are no loop devices" : null;
    }
}
