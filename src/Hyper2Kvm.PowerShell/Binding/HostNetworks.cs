namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Networks of this host, for completion: where it is the KVM host, they are what a domain can be plugged into.</summary>
internal static class HostNetworks
{
    private const string Interfaces = "/sys/class/net";
    private const string LibvirtNetworks = "/etc/libvirt/qemu/networks";

    /// <summary>Linux bridges by name; none on a host that has no such thing.</summary>
    public static IReadOnlyList<string> Bridges { get; } = !Directory.Exists(Interfaces) ? [] :
        [.. Directory.GetDirectories(Interfaces).Where(card => Directory.Exists(Path.Combine(card, "bridge"))).Select(card => Path.GetFileName(card)).Order(StringComparer.Ordinal)];

    /// <summary>Networks of libvirt by name, as far as they may be seen; <c>default</c> is always one.</summary>
    public static IReadOnlyList<string> Libvirt => [.. Files().Select(file => Path.GetFileNameWithoutExtension(file)).Append("default").Distinct().Order(StringComparer.Ordinal)];

    private static string[] Files()
    {
        try
        {
            return Directory.Exists(LibvirtNetworks) ? Directory.GetFiles(LibvirtNetworks, "*.xml") : [];
        }
        catch (UnauthorizedAccessException)
        {
            // The folder is root's on most hosts. That is no error to a user who presses Tab.
            return [];
        }
    }
}
