using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Binds the PCI ids of the VirtIO storage devices to their services, in the database that this Windows asks at boot.</summary>
internal sealed class DeviceDatabaseStep(VirtioDriverPlan plan) : IEditStep
{
    /// <summary>ConfigScope of a driver that its INF does not scope otherwise.</summary>
    private const uint DefaultScope = 7;

    public void Apply(EditableGuest guest)
    {
        using DriverSource source = DriverSource.Open(plan.Source);
        foreach (PlannedDriver driver in plan.Storage)
        {
            if (guest.Layout.HasDriverDatabase)
            {
                RegisterPackage(guest, driver, source);
            }
            else
            {
                BindCriticalDevices(guest, driver);
            }
        }
    }

    /// <summary>Windows XP to 7: one key a device id; the boot loader's PnP asks with every id that a device has.</summary>
    private static void BindCriticalDevices(EditableGuest guest, PlannedDriver driver)
    {
        foreach (string controlSet in guest.Layout.StorageControlSets)
        {
            foreach (string id in CriticalIds(driver))
            {
                string key = $@"{controlSet}\Control\CriticalDeviceDatabase\{id.Replace('\\', '#')}";
                guest.System.SetString(key, "Service", driver.Service.Name);
                guest.System.SetString(key, "ClassGUID", driver.ClassGuid.ToString("B").ToUpperInvariant());
            }
        }
    }

    /// <summary>The ids of the INF, and each device without its subsystem: the oldest INFs know only QEMU's own subsystem ids.</summary>
    private static IEnumerable<string> CriticalIds(PlannedDriver driver) => driver.HardwareIds
        .Concat(driver.HardwareIds.Select(id => string.Join('&', id.Split('&').Take(2))))
        .Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Windows 8 and later: the package in the form that PnP leaves behind once it has configured a device with it.
    /// A merely staged package does not boot.</summary>
    private static void RegisterPackage(EditableGuest guest, PlannedDriver driver, DriverSource source)
    {
        byte[] inf = DriverFiles.Read(source, driver.Files.First(file => file.Name.Equals(driver.InfName, StringComparison.OrdinalIgnoreCase)));
        string published = PublishedInf.NameFor(guest, driver, inf);
        string label = DriverDatabaseNode.LabelOf(guest, driver, published);
        DriverDatabaseNode.OfSystem(guest).Register(driver, label, published);
        guest.System.SetMultiString($@"{DriverDatabaseNode.Root}\DriverInfFiles\{published}", "Configurations", driver.InstallSection);
        WriteConfiguration(guest.System, driver, label);
    }

    private static void WriteConfiguration(HiveEditor system, PlannedDriver driver, string label)
    {
        string package = $@"{DriverDatabaseNode.Root}\DriverPackages\{label}";
        string configuration = $@"{package}\Configurations\{driver.InstallSection}";
        system.SetDword(configuration, "ConfigFlags", 0);
        system.SetDword(configuration, "ConfigScope", DefaultScope);
        system.SetString(configuration, "Service", driver.Service.Name);
        system.Set($@"{configuration}\Device", driver.DeviceRegistry);
        system.Set($@"{configuration}\Services\{driver.Service.Name}", driver.Service.Registry);
        foreach (PlannedModel model in driver.Models)
        {
            foreach (string id in model.CompatibleIds.Prepend(model.HardwareId))
            {
                string descriptor = $@"{package}\Descriptors\{id}";
                system.SetString(descriptor, "Configuration", driver.InstallSection);
                system.SetString(descriptor, "Description", model.Description.ToLowerInvariant());
                system.SetString(descriptor, "Manufacturer", driver.Manufacturer.ToLowerInvariant());
            }
        }

        foreach ((string token, string text) in driver.Strings)
        {
            system.SetString($@"{package}\Strings", token, text);
        }
    }
}
