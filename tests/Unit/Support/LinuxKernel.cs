namespace Hyper2Kvm.Unit.Support;

/// <summary>A Linux kernel package with the ntfs3 driver, unpacked.</summary>
/// <remarks>Searched in the folder that HYPER2KVM_TEST_KERNEL names, else on this machine. Debian has ntfs3 from 6.12 on.</remarks>
internal sealed record LinuxKernel(string Root, string Version)
{
    /// <summary>The first one that is there, or null.</summary>
    public static LinuxKernel? Found { get; } = Find(Environment.GetEnvironmentVariable("HYPER2KVM_TEST_KERNEL") ?? "/");

    /// <summary>Host path of the kernel.</summary>
    public string Image => ImageOf(Root, Version);

    private static LinuxKernel? Find(string root)
    {
        DirectoryInfo modules = new(Path.Combine(root, "lib", "modules"));
        return !modules.Exists
            ? null
            : modules.GetDirectories()
                .Where(version => HasDriver(version) && File.Exists(ImageOf(root, version.Name)))
                .OrderBy(version => version.Name, StringComparer.Ordinal)
                .Select(version => new LinuxKernel(root, version.Name))
                .FirstOrDefault();
    }

    private static string ImageOf(string root, string version) => Path.Combine(root, "boot", $"vmlinuz-{version}");

    private static bool HasDriver(DirectoryInfo version)
    {
        DirectoryInfo driver = new(Path.Combine(version.FullName, "kernel", "fs", "ntfs3"));
        return driver.Exists && driver.GetFiles("ntfs3.ko*").Length > 0 && File.Exists(Path.Combine(version.FullName, "modules.dep"));
    }
}
