using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>Windows' own IDE drivers in a Windows XP or Server 2003, which unpacks only what its hardware needs.</summary>
internal static class IdeDriverFiles
{
    /// <summary>pciidex.sys has no service: the two controller drivers link against it.</summary>
    public static readonly string[] All = ["atapi.sys", "intelide.sys", "pciide.sys", "pciidex.sys"];

    /// <summary>Without these nothing starts from QEMU's IDE controller.</summary>
    private static readonly string[] s_needed = ["atapi.sys", "intelide.sys", "pciidex.sys"];

    /// <summary>Where set-up and service packs leave drivers unpacked, below WindowsRoot, the newer first.</summary>
    private static readonly string[] s_caches = [@"ServicePackFiles\i386", @"ServicePackFiles\amd64", @"Driver Cache\i386", @"Driver Cache\amd64"];

    /// <summary>The driver where it is installed, else a copy of it in a cache, else null.</summary>
    public static GuestPath? Find(IGuestFileSystem files, GuestPath windowsRoot, GuestPath system32, string name)
    {
        IEnumerable<GuestPath> places = s_caches.Select(cache => windowsRoot / cache / name).Prepend(system32 / "drivers" / name);
        return places.Where(path => files.Find(path) is { IsDirectory: false }).Select(path => (GuestPath?)path).FirstOrDefault();
    }

    /// <summary>What a user should know before the first boot from IDE; null when nothing is missing.</summary>
    public static LayoutWarning? Warning(WindowsInstallation windows)
    {
        string[] missing = [.. s_needed.Where(name => Find(windows.FileSystem, windows.Root, windows.System32, name) is null)];
        return missing.Length == 0
            ? null
            : new LayoutWarning(
                "IdeDriversMissing",
                $"Windows' own IDE drivers are not unpacked ({string.Join(", ", missing)}): its boot from IDE would stop with 0x7B. Expand them from Driver Cache\\i386 "
                + "(sp3.cab, else driver.cab) into System32\\drivers where it comes from, or start the final domain at once.");
    }
}
