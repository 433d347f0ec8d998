using System.Globalization;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>The seed's question "VirtIO boot-ready?", answered from the disk alone.</summary>
/// <remarks>Ready means: the service starts at boot and nothing overrides that, its file is there, and kernel PnP can bind a device
/// to it in the way that this Windows does: DriverDatabase from Windows 8 on, CriticalDeviceDatabase before.</remarks>
internal sealed class VirtioReadiness(
    Hive system, SystemHiveFacts facts, WindowsVersion windows, IGuestFileSystem fileSystem, GuestPath windowsRoot)
{
    private const uint BootStart = 0;
    private const string InstallDriver = "Run Add-BootStartStorage.";
    private const string BindDevices = "Run Set-CriticalDeviceDatabase.";

    /// <summary>Service and the PCI ids of its device, legacy and modern; either may be what the final domain shows.</summary>
    private static readonly (string Service, string[] Devices)[] s_drivers =
    [
        ("viostor", ["VEN_1AF4&DEV_1001", "VEN_1AF4&DEV_1042"]),
        ("vioscsi", ["VEN_1AF4&DEV_1004", "VEN_1AF4&DEV_1048"]),
    ];

    /// <summary>All checks, driver by driver. Windows 2000, XP and 2003 have drivers for the legacy devices only, and machines (pc) that
    /// show those.</summary>
    public IReadOnlyList<ReadinessCheck> Checks()
    {
        List<ReadinessCheck> checks = [];
        foreach ((string service, string[] devices) in s_drivers)
        {
            foreach (string controlSet in facts.BootControlSets)
            {
                AddServiceChecks(checks, controlSet, service);
            }

            foreach (string device in devices.Take(windows.Major < 6 ? 1 : devices.Length))
            {
                AddBindingChecks(checks, device, service);
            }

            checks.Add(InstalledCheck(service, devices));
        }

        return checks;
    }

    /// <summary>The services that pass all that is required, each for both of its devices.</summary>
    public static IReadOnlyList<string> ReadyDrivers(IReadOnlyList<ReadinessCheck> checks) =>
        [.. s_drivers.Select(driver => driver.Service).Where(service =>
            checks.Where(check => check.Driver == service && check.IsRequired).All(check => check.Passed))];

    private void AddServiceChecks(List<ReadinessCheck> checks, string controlSet, string service)
    {
        string path = $@"{controlSet}\Services\{service}";
        if (system.Find(path) is not { } key)
        {
            checks.Add(Required("ServiceStart", service, false, $@"HKLM\SYSTEM\{path}: no such key", InstallDriver));
            return;
        }

        ulong? start = key.GetValue("Start")?.AsInteger();
        checks.Add(Required(
            "ServiceStart", service, start == BootStart,
            string.Create(CultureInfo.InvariantCulture, $@"HKLM\SYSTEM\{path}: Start is {(start is null ? "missing" : start)}"), InstallDriver));
        HiveValue? overriding = key.Find("StartOverride")?.Values.FirstOrDefault(value => value.AsInteger() is not (null or BootStart));
        checks.Add(Required(
            "ServiceStartOverride", service, overriding is null,
            overriding is null ? $@"HKLM\SYSTEM\{path}\StartOverride: none" : $@"HKLM\SYSTEM\{path}\StartOverride: {overriding.Name} is {overriding.Format()}",
            InstallDriver));
        string image = key.GetValue("ImagePath")?.AsString() ?? $@"System32\drivers\{service}.sys";
        bool exists = ServiceImage.Exists(key, fileSystem, windowsRoot);
        checks.Add(Required("DriverFile", service, exists, exists ? $"'{image}' is there" : $"'{image}' is not there", InstallDriver));
    }

    private void AddBindingChecks(List<ReadinessCheck> checks, string device, string service)
    {
        if (facts.HasDriverDatabase)
        {
            bool bound = IsInDriverDatabase(device, service);
            checks.Add(Required("DeviceBinding", service, bound, Describe("DriverDatabase", device, bound), BindDevices));
            return;
        }

        foreach (string controlSet in facts.BootControlSets)
        {
            bool bound = IsInCriticalDeviceDatabase(controlSet, device, service);
            checks.Add(Required(
                "DeviceBinding", service, bound, Describe($@"{controlSet}\Control\CriticalDeviceDatabase", device, bound), BindDevices));
        }
    }

    private static string Describe(string database, string device, bool bound) =>
        $@"HKLM\SYSTEM\{database}: PCI\{device} {(bound ? "is bound" : "is not bound by a package that is configured")}";

    /// <summary>Plug and Play has met the device and given it the driver: what the bootstrap boot is for.</summary>
    private ReadinessCheck InstalledCheck(string service, string[] devices)
    {
        foreach (string controlSet in facts.BootControlSets)
        {
            foreach (HiveKey device in system.Find($@"{controlSet}\Enum\PCI")?.Subkeys.Where(key => devices.Any(id => IsIdOf(key.Name, id))) ?? [])
            {
                foreach (HiveKey instance in device.Subkeys)
                {
                    if (string.Equals(instance.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase))
                    {
                        return new("DeviceInstalled", service, false, true, $@"HKLM\SYSTEM\{controlSet}\Enum\PCI\{device.Name}\{instance.Name}", "");
                    }
                }
            }
        }

        return new(
            "DeviceInstalled", service, false, false, $@"HKLM\SYSTEM\{facts.ControlSet}\Enum\PCI: no device of {service}",
            "It is installed when Windows first meets the device: let the bootstrap domain show one.");
    }

    private static ReadinessCheck Required(string id, string driver, bool passed, string evidence, string remedy) =>
        new(id, driver, true, passed, evidence, passed ? "" : remedy);

    private bool IsInDriverDatabase(string device, string service)
    {
        if (system.Find(@"DriverDatabase\DeviceIds\PCI") is not { } ids)
        {
            return false;
        }

        return ids.Subkeys
            .Where(id => IsIdOf(id.Name, device))
            .SelectMany(id => id.Values.Select(inf => (Id: id.Name, Inf: inf.Name)))
            .Any(match => IsConfigured(match.Inf, match.Id, service));
    }

    /// <summary>The id itself or a longer one: <c>VEN_1AF4&amp;DEV_1001&amp;SUBSYS_...</c>.</summary>
    private static bool IsIdOf(string id, string device) =>
        id.StartsWith(device, StringComparison.OrdinalIgnoreCase) && (id.Length == device.Length || id[device.Length] == '&');

    /// <summary>A package that is merely staged has no Descriptors and no Configurations, and does not boot.</summary>
    private bool IsConfigured(string inf, string id, string service)
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

    private bool IsInCriticalDeviceDatabase(string controlSet, string device, string service) =>
        system.Find($@"{controlSet}\Control\CriticalDeviceDatabase") is { } database
        && database.Subkeys.Any(key =>
            key.Name.StartsWith("PCI#", StringComparison.OrdinalIgnoreCase)
            && IsIdOf(key.Name[4..], device)
            && string.Equals(key.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase));
}
