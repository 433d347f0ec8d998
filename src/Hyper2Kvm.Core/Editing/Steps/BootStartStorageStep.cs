using Hyper2Kvm.Drivers;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Puts the VirtIO storage drivers into the guest and makes their services start at boot.</summary>
internal sealed class BootStartStorageStep(VirtioDriverPlan plan) : IEditStep
{
    private const string LegacyFolder = @"Drivers\VirtIO";

    public void Apply(EditableGuest guest)
    {
        using DriverSource source = DriverSource.Open(plan.Source);
        foreach (PlannedDriver driver in plan.Storage)
        {
            IReadOnlyDictionary<string, byte[]> files = DriverFiles.Read(source, driver);
            guest.Windows.WriteFile(guest.System32 / "drivers" / driver.Service.BinaryName, files[driver.Service.BinaryName]);
            string? publishedInf = null;
            if (guest.Layout.HasDriverDatabase)
            {
                (string label, publishedInf) = DriverStore.AddFiles(guest, driver, files);
                LockdownFiles.Enter(guest, driver, label, publishedInf);
            }
            else
            {
                DriverStore.AddToDevicePath(guest, LegacyFolder, files);
            }

            foreach (string controlSet in guest.Layout.StorageControlSets)
            {
                WriteService(guest.System, controlSet, driver.Service, publishedInf);
            }
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
