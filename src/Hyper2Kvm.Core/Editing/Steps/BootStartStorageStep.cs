using Hyper2Kvm.Drivers;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Puts the VirtIO storage drivers into the guest and makes their services start at boot.</summary>
/// <remarks>Files go where Windows itself would put them. From Windows 8 on that is the driver store, whose index is in the SYSTEM hive;
/// before, the store's index is a set of opaque files, so the package goes into a folder that DevicePath names, and Windows imports it
/// from there when it meets the device.</remarks>
internal sealed class BootStartStorageStep(VirtioDriverPlan plan) : IEditStep
{
    private const string CatalogFolder = "{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
    private const string LegacyFolder = @"Drivers\VirtIO";
    private const string DevicePathKey = @"Microsoft\Windows\CurrentVersion";
    private const string DevicePathEntry = @"%SystemRoot%\Drivers\VirtIO";

    public void Apply(EditableGuest guest)
    {
        using DriverSource source = DriverSource.Open(plan.Source);
        foreach (PlannedDriver driver in plan.Storage)
        {
            Dictionary<string, byte[]> files = new(StringComparer.OrdinalIgnoreCase);
            foreach (PlannedFile file in driver.Files)
            {
                files.Add(file.Name, DriverFiles.Read(source, file));
            }

            guest.Windows.WriteFile(guest.System32 / "drivers" / driver.Service.BinaryName, files[driver.Service.BinaryName]);
            string? publishedInf = null;
            if (guest.Layout.HasDriverDatabase)
            {
                publishedInf = PublishedInf.NameFor(guest, driver, files[driver.InfName]);
                StorePackage(guest, driver, files, publishedInf);
            }
            else
            {
                StageLegacyPackage(guest, files);
            }

            foreach (string controlSet in guest.Layout.BootControlSets)
            {
                WriteService(guest.System, controlSet, driver.Service, publishedInf);
            }
        }
    }

    private static void StorePackage(EditableGuest guest, PlannedDriver driver, Dictionary<string, byte[]> files, string publishedInf)
    {
        GuestPath package = guest.System32 / "DriverStore" / "FileRepository" / driver.PackageLabel;
        foreach ((string name, byte[] content) in files)
        {
            guest.Windows.WriteFile(package / name, content);
        }

        guest.Windows.WriteFile(guest.WindowsRoot / "INF" / publishedInf, files[driver.InfName]);
        if (driver.CatalogName is { } catalog)
        {
            string published = publishedInf[..^4] + ".cat";
            guest.Windows.WriteFile(guest.System32 / "CatRoot" / CatalogFolder / published, files[catalog]);
        }
    }

    private static void StageLegacyPackage(EditableGuest guest, Dictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] content) in files)
        {
            guest.Windows.WriteFile(guest.WindowsRoot / LegacyFolder / name, content);
        }

        string old = guest.Software.Hive.Find(DevicePathKey)?.GetValue("DevicePath")?.AsString() ?? @"%SystemRoot%\inf";
        if (!old.Split(';').Contains(DevicePathEntry, StringComparer.OrdinalIgnoreCase))
        {
            guest.Software.SetExpandString(DevicePathKey, "DevicePath", $"{old};{DevicePathEntry}");
        }
    }

    /// <summary>The service as Windows' own installation leaves it, see the reference for viostor and vioscsi.</summary>
    private static void WriteService(HiveEditor system, string controlSet, PlannedService service, string? publishedInf)
    {
        string key = $@"{controlSet}\Services\{service.Name}";
        system.SetDword(key, "Type", (uint)service.Type);
        system.SetDword(key, "Start", (uint)service.Start);
        system.SetDword(key, "ErrorControl", (uint)service.ErrorControl);

        // Relative to SystemRoot, as boot drivers have it: no drive letter exists when the loader reads this. The copy in
        // System32\drivers also serves packages that would run from the driver store (DIRID 13); PnP re-points those at first boot.
        system.SetExpandString(key, "ImagePath", $@"System32\drivers\{service.BinaryName}");
        if (service.Group is { } group)
        {
            system.SetString(key, "Group", group);
            system.SetDword(key, "Tag", TagFor(system.Hive, controlSet, service.Name, group));
        }

        if (service.DisplayName is { } text)
        {
            system.SetString(
                key, "DisplayName", publishedInf is null || service.DisplayNameToken is null ? text : $"@{publishedInf},{service.DisplayNameToken};{text}");
        }

        if (publishedInf is not null)
        {
            system.SetMultiString(key, "Owners", publishedInf);
        }

        system.Set(key, service.Registry);
        if (service.EventLogName is { } eventLog)
        {
            system.Set($@"{controlSet}\Services\EventLog\System\{eventLog}", service.EventLogRegistry);
        }

        system.DeleteKey($@"{key}\StartOverride");
    }

    /// <summary>The tag that the service has, else the next after the highest in its group, as the service manager assigns it.</summary>
    private static uint TagFor(Hive system, string controlSet, string service, string group)
    {
        if (system.Find($@"{controlSet}\Services\{service}")?.GetValue("Tag")?.AsDword() is { } own)
        {
            return own;
        }

        uint highest = 0;
        foreach (HiveKey other in system.Find($@"{controlSet}\Services")?.Subkeys ?? [])
        {
            if (other.GetValue("Tag")?.AsDword() is { } tag and < 0x100
                && string.Equals(other.GetValue("Group")?.AsString(), group, StringComparison.OrdinalIgnoreCase))
            {
                highest = Math.Max(highest, tag);
            }
        }

        return highest + 1;
    }
}
