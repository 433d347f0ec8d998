using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>The seed's question "VirtIO boot-ready?", answered from the disk alone.</summary>
/// <remarks>Ready means: the service starts at boot and nothing overrides that, its file is there, and kernel PnP can bind a device
/// to it in the way that this Windows does: DriverDatabase from Windows 8 on, CriticalDeviceDatabase before.</remarks>
internal static class VirtioReadiness
{
    private const uint BootStart = 0;

    /// <summary>Service and the PCI ids of its device, legacy and modern; either may be what the final domain shows.</summary>
    private static readonly (string Service, string[] Devices)[] s_drivers =
    [
        ("viostor", ["VEN_1AF4&DEV_1001", "VEN_1AF4&DEV_1042"]),
        ("vioscsi", ["VEN_1AF4&DEV_1004", "VEN_1AF4&DEV_1048"]),
    ];

    /// <summary>The services that are ready, each for both of its devices. Windows 2000, XP and 2003 have drivers for the legacy
    /// devices only, and machines (pc) that show those.</summary>
    public static IReadOnlyList<string> ReadyDrivers(
        Hive system, SystemHiveFacts facts, WindowsVersion windows, IGuestFileSystem fileSystem, GuestPath windowsRoot)
    {
        bool isNt5 = windows.Major < 6;
        List<string> ready = [];
        foreach ((string service, string[] devices) in s_drivers)
        {
            if (facts.BootControlSets.All(set => StartsAtBoot(system, set, service, fileSystem, windowsRoot))
                && devices.Take(isNt5 ? 1 : devices.Length).All(device => facts.HasDriverDatabase
                    ? IsInDriverDatabase(system, device, service)
                    : facts.BootControlSets.All(set => IsInCriticalDeviceDatabase(system, set, device, service))))
            {
                ready.Add(service);
            }
        }

        return ready;
    }

    private static bool StartsAtBoot(Hive system, string controlSet, string service, IGuestFileSystem fileSystem, GuestPath windowsRoot) =>
        system.Find($@"{controlSet}\Services\{service}") is { } key
        && key.GetValue("Start")?.AsInteger() == BootStart
        && !IsOverridden(key)
        && ServiceImage.Exists(key, fileSystem, windowsRoot);

    /// <summary>Any hardware configuration in which the driver would not start at boot after all.</summary>
    private static bool IsOverridden(HiveKey service) =>
        service.Find("StartOverride") is { } overrides
        && overrides.Values.Any(value => value.AsInteger() is not (null or BootStart));

    private static bool IsInDriverDatabase(Hive system, string device, string service)
    {
        if (system.Find(@"DriverDatabase\DeviceIds\PCI") is not { } ids)
        {
            return false;
        }

        return ids.Subkeys
            .Where(id => IsIdOf(id.Name, device))
            .SelectMany(id => id.Values.Select(inf => (Id: id.Name, Inf: inf.Name)))
            .Any(match => IsConfigured(system, match.Inf, match.Id, service));
    }

    /// <summary>The id itself or a longer one: <c>VEN_1AF4&amp;DEV_1001&amp;SUBSYS_...</c>.</summary>
    private static bool IsIdOf(string id, string device) =>
        id.StartsWith(device, StringComparison.OrdinalIgnoreCase) && (id.Length == device.Length || id[device.Length] == '&');

    /// <summary>A package that is merely staged has no Descriptors and no Configurations, and does not boot.</summary>
    private static bool IsConfigured(Hive system, string inf, string id, string service)
    {
        if (system.Find($@"DriverDatabase\DriverInfFiles\{inf}")?.GetValue("Active")?.AsString() is not { Length: > 0 } label
            || system.Find($@"DriverDatabase\DriverPackages\{label}") is not { } package
            || package.Find($@"Descriptors\PCI\{id}")?.GetValue("Configuration")?.AsString() is not { Length: > 0 } configuration)
        {
            return false;
        }

        return string.Equals(
            package.Find($@"Configurations\{configuration}")?.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsInCriticalDeviceDatabase(Hive system, string controlSet, string device, string service) =>
        system.Find($@"{controlSet}\Control\CriticalDeviceDatabase") is { } database
        && database.Subkeys.Any(key =>
            key.Name.StartsWith("PCI#", StringComparison.OrdinalIgnoreCase)
            && IsIdOf(key.Name[4..], device)
            && string.Equals(key.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase));
}
