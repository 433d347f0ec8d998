namespace Hyper2Kvm.Unit.Support;

/// <summary>A test on a file system that can clone files; skipped by name where none can be made and mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BtrfsFactAttribute : FactAttribute
{
    public BtrfsFactAttribute()
    {
        string[] missing = [.. ((string[])["mkfs.btrfs", "mount", "umount", "qemu-img"]).Where(tool => ForeignTool.Find(tool) is null)];
        Skip = missing.Length > 0 ? $"not installed: {string.Join(", ", missing)}"
            : !Environment.IsPrivilegedProcess || !File.Exists("/dev/loop-control") ? "mounting needs root and loop devices"
            : !File.ReadAllText("/proc/filesystems").Contains("btrfs", StringComparison.Ordinal) ? "this kernel has no btrfs"
            : null;
    }
}
