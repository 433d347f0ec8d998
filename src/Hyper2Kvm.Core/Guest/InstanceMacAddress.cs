using System.Text.RegularExpressions;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Guest;

/// <summary>MAC addresses that stand in a device's instance id.</summary>
internal static partial class InstanceMacAddress
{
    /// <summary>The address within an instance id, where its bus puts it there.</summary>
    /// <remarks>PCI Express cards with a serial number have <c>OOOOOOFFFFNNNNNN00</c> (EUI-64 and a function number); the synthetic
    /// cards of Azure have <c>{aabbccdd-eeff-aabb-ccdd-eeffaabbccdd}</c>. An ordinary one of Hyper-V or PCI says nothing.</remarks>
    public static string? Find(string instanceId)
    {
        string instance = instanceId[(instanceId.LastIndexOf('\\') + 1)..];
        if (instanceId.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase) && PciSerial().Match(instance) is { Success: true } pci)
        {
            return MacAddress.Parse(pci.Groups["vendor"].Value + pci.Groups["number"].Value);
        }

        if (instanceId.StartsWith(@"VMBUS\", StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(instance, "B", out Guid id))
        {
            string digits = id.ToString("N");
            string mac = digits[..12];
            return digits == (mac + mac + mac)[..32] ? MacAddress.Parse(mac) : null;
        }

        return null;
    }

    [GeneratedRegex("^(?<vendor>[0-9A-F]{6})FFFF(?<number>[0-9A-F]{6})[0-9A-F]{2}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PciSerial();
}
