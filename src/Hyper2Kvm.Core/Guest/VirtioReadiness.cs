using System.Globalization;
using Hyper2Kvm.Diagnostics;
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
    private static readonly (string Service, StorageBus Bus, string[] Devices)[] s_drivers =
    [
        ("viostor", StorageBus.VirtioBlk, ["VEN_1AF4&DEV_1001", "VEN_1AF4&DEV_1042"]),
        ("vioscsi", StorageBus.VirtioScsi, ["VEN_1AF4&DEV_1004", "VEN_1AF4&DEV_1048"]),
    ];

    private readonly VirtioDevices _devices = new(system, facts);

    /// <summary>All checks of the registry and the driver files, driver by driver. Windows 2000, XP and 2003 have drivers for the legacy
    /// devices only, and machines (pc) that show those.</summary>
    public IReadOnlyList<ReadinessCheck> Checks()
    {
        List<ReadinessCheck> checks = [];
        foreach ((string preferred, StorageBus bus, string[] devices) in s_drivers)
        {
            foreach (string service in ServicesOf(preferred, devices))
            {
                List<ReadinessCheck> own = [];
                foreach (string controlSet in facts.BootControlSets)
                {
                    AddServiceChecks(own, controlSet, service);
                }

                string[] shown = [.. devices.Take(windows.Major < 6 ? 1 : devices.Length)];
                foreach (string device in shown)
                {
                    AddBindingChecks(own, device, service);
                }

                own.Add(InstalledCheck(service, devices));
                if (facts.LastKnownGood is { } good)
                {
                    own.Add(LastKnownGoodCheck(good, service, shown));
                }

                checks.AddRange(own.Select(check => check with { Bus = bus }));
            }
        }

        return checks;
    }

    /// <summary>What the log of device installations says last about each driver's devices: evidence only.</summary>
    public IReadOnlyList<ReadinessCheck> LogChecks()
    {
        GuestPath path = SetupLog.PathOf(windowsRoot, windows);
        if (fileSystem.Find(path) is not { IsDirectory: false })
        {
            return [.. s_drivers.Select(driver => LogCheck(driver.Service, driver.Bus, false, $"'{path}' is not there"))];
        }

        IReadOnlyList<SetupLogEntry> entries = SetupLog.Read(fileSystem.OpenFile(path));
        return [.. s_drivers.Select(driver =>
        {
            SetupLogEntry? last = entries.LastOrDefault(entry =>
                entry.Device.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase)
                && driver.Devices.Any(id => PciId.IsOrExtends(entry.Device[4..], id)));
            string evidence = last is null
                ? $"'{path}' tells of no device of {driver.Service}"
                : PlainText.Escape($"'{path}': {last.Device}: {last.Status} {last.Time}".TrimEnd());
            return LogCheck(driver.Service, driver.Bus, last is { Succeeded: true }, evidence);
        })];
    }

    /// <summary>The services that pass all that is required, each for both of its devices.</summary>
    public static IReadOnlyList<string> ReadyDrivers(IReadOnlyList<ReadinessCheck> checks) =>
        [.. checks.Select(check => check.Driver).Distinct(StringComparer.OrdinalIgnoreCase).Where(service =>
            checks.Where(check => check.Driver == service && check.IsRequired).All(check => check.Passed))];

    /// <summary>Whichever services the devices are bound to, so that another build of the driver with a name of its own counts too.</summary>
    private string[] ServicesOf(string preferred, string[] devices)
    {
        IEnumerable<string> bound = facts.HasDriverDatabase
            ? (system.Find(@"DriverDatabase\DeviceIds\PCI")?.Subkeys ?? [])
                .Where(id => devices.Any(device => PciId.IsOrExtends(id.Name, device)))
                .SelectMany(id => id.Values.Select(inf => ConfiguredService(inf.Name, id.Name) ?? ""))
            : facts.BootControlSets
                .SelectMany(set => system.Find($@"{set}\Control\CriticalDeviceDatabase")?.Subkeys ?? [])
                .Where(key => devices.Any(device => IsInPciKey(key, device)))
                .Select(key => key.GetValue("Service")?.AsString() ?? "");
        string[] services = [.. bound.Where(IsServiceName).Distinct(StringComparer.OrdinalIgnoreCase)];
        return services.Length == 0 || facts.Find($@"Services\{preferred}") is not null
            ? [preferred, .. services.Where(service => !service.Equals(preferred, StringComparison.OrdinalIgnoreCase))]
            : services;
    }

    /// <summary>A name that can be a key: what a hive says may be anything.</summary>
    private static bool IsServiceName(string name) => name is { Length: > 0 and < 256 } && !name.Contains('\\', StringComparison.Ordinal);

    private static ReadinessCheck LogCheck(string service, StorageBus bus, bool passed, string evidence) => new(
        "InstallLog", service, false, passed, evidence,
        passed ? "" : "The log tells only what Windows did with the device when it met it: see DeviceInstalled.") { Bus = bus };

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
            checks.Add(CriticalDeviceCheck(controlSet, device, service));
        }
    }

    private ReadinessCheck CriticalDeviceCheck(string controlSet, string device, string service)
    {
        bool bound = IsInCriticalDeviceDatabase(controlSet, device, service);
        return Required("DeviceBinding", service, bound, Describe($@"{controlSet}\Control\CriticalDeviceDatabase", device, bound), BindDevices);
    }

    /// <summary>Whether that set would start as well. It matters only to who chooses it, after a start that failed.</summary>
    private ReadinessCheck LastKnownGoodCheck(string controlSet, string service, string[] devices)
    {
        List<ReadinessCheck> checks = [];
        AddServiceChecks(checks, controlSet, service);
        checks.AddRange(devices.Where(_ => !facts.HasDriverDatabase).Select(device => CriticalDeviceCheck(controlSet, device, service)));
        ReadinessCheck? fault = checks.Find(check => !check.Passed);
        return new(
            "LastKnownGood", service, false, fault is null,
            fault?.Evidence ?? $@"HKLM\SYSTEM\{controlSet}: {service} starts in 'Last known good configuration' too", fault?.Remedy ?? "");
    }

    private static string Describe(string database, string device, bool bound) =>
        $@"HKLM\SYSTEM\{database}: PCI\{device} {(bound ? "is bound" : "is not bound by a package that is configured")}";

    /// <summary>Plug and Play has met the device and given it the driver: what the bootstrap boot is for. Once that boot has been, it is required.</summary>
    private ReadinessCheck InstalledCheck(string service, string[] devices)
    {
        bool hasRun = facts.Find($@"Services\{service}") is { } key && _devices.RanSince(key);
        if (_devices.Instances(devices, service) is not [(string path, HiveKey instance, ulong flags), ..])
        {
            return new(
                "DeviceInstalled", service, hasRun, false, $@"HKLM\SYSTEM\{facts.ControlSet}\Enum\PCI: no device of {service}",
                hasRun
                    ? "Windows has run on KVM since, and has not met the device: start the bootstrap domain again, with the dummy disk of this bus."
                    : "It is installed when Windows first meets the device: let the bootstrap domain show one.");
        }

        if (flags != 0)
        {
            return new(
                "DeviceInstalled", service, hasRun, false,
                string.Create(CultureInfo.InvariantCulture, $"{path}: ConfigFlags say {((flags & 1) != 0 ? "disabled" : "installation failed")} (0x{flags:X})"),
                "Start the bootstrap domain again, and mend the device in its Device Manager.");
        }

        return new("DeviceInstalled", service, hasRun, true, path + DriverText(instance), "");
    }

    /// <summary>Which package it was; from Windows 8 on it must be one of DriverDatabase.</summary>
    private string DriverText(HiveKey instance)
    {
        if (_devices.DriverOf(instance) is not { } driver || driver.GetValue("InfPath")?.AsString() is not { Length: > 0 } inf)
        {
            return "";
        }

        bool isKnown = !facts.HasDriverDatabase || (!inf.Contains('\\', StringComparison.Ordinal) && system.Find($@"DriverDatabase\DriverInfFiles\{inf}") is not null);
        string version = driver.GetValue("DriverVersion")?.AsString() ?? "of unknown version";
        return PlainText.Escape($": {inf} {version}{(isKnown ? "" : ", which DriverDatabase does not know")}");
    }

    private static ReadinessCheck Required(string id, string driver, bool passed, string evidence, string remedy) =>
        new(id, driver, true, passed, evidence, passed ? "" : remedy);

    private bool IsInDriverDatabase(string device, string service) =>
        (system.Find(@"DriverDatabase\DeviceIds\PCI")?.Subkeys ?? [])
            .Where(id => PciId.IsOrExtends(id.Name, device))
            .SelectMany(id => id.Values.Select(inf => ConfiguredService(inf.Name, id.Name)))
            .Any(bound => string.Equals(bound, service, StringComparison.OrdinalIgnoreCase));

    /// <summary>The service that a package gives an id; null where it is merely staged: without Descriptors and Configurations it does not boot.</summary>
    private string? ConfiguredService(string inf, string id)
    {
        if (system.Find($@"DriverDatabase\DriverInfFiles\{inf}")?.GetValue("Active")?.AsString() is not { Length: > 0 } label
            || system.Find($@"DriverDatabase\DriverPackages\{label}") is not { } package
            || package.Find($@"Descriptors\PCI\{id}")?.GetValue("Configuration")?.AsString() is not { Length: > 0 } configuration)
        {
            return null;
        }

        return package.Find($@"Configurations\{configuration}")?.GetValue("Service")?.AsString();
    }

    private bool IsInCriticalDeviceDatabase(string controlSet, string device, string service) =>
        (system.Find($@"{controlSet}\Control\CriticalDeviceDatabase")?.Subkeys ?? [])
            .Any(key => IsInPciKey(key, device) && string.Equals(key.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase));

    private static bool IsInPciKey(HiveKey key, string device) =>
        key.Name.StartsWith("PCI#", StringComparison.OrdinalIgnoreCase) && PciId.IsOrExtends(key.Name[4..], device);
}
