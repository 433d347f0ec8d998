using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Binds the PCI ids of the VirtIO storage devices to their services, in the database that this Windows asks at boot.</summary>
internal sealed class DeviceDatabaseStep(VirtioDriverPlan plan) : IEditStep
{
    private const string Database = "DriverDatabase";

    /// <summary>StatusFlags of an ordinary package; its bits are not documented.</summary>
    private const uint NormalStatus = 0x12;

    /// <summary>ConfigScope of a driver that its INF does not scope otherwise.</summary>
    private const uint DefaultScope = 7;

    private const string HardwarePublisher = "Microsoft Windows Hardware Compatibility Publisher";
    private const uint SignerScoreWhql = 0x0D000005;
    private const uint SignerScoreAuthenticode = 0x0F000000;

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
        foreach (string controlSet in guest.Layout.BootControlSets)
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
        HiveEditor system = guest.System;
        byte[] inf = DriverFiles.Read(source, driver.Files.First(file => file.Name.Equals(driver.InfName, StringComparison.OrdinalIgnoreCase)));
        string published = PublishedInf.NameFor(guest, driver, inf);

        system.SetBinary(Database, "OemInfMap", PublishedInf.MarkUsed(system.Hive.Find(Database)?.GetValue("OemInfMap")?.Data() ?? [], published));
        WriteInfFile(system, driver, published);
        WriteDeviceIds(system, driver, published);
        WritePackage(guest, driver, published, inf.Length, SignerOf(driver, source));
        WriteConfiguration(system, driver);
    }

    private static void WriteInfFile(HiveEditor system, PlannedDriver driver, string published)
    {
        string key = $@"{Database}\DriverInfFiles\{published}";
        system.SetMultiString(key, "", driver.PackageLabel);
        system.SetString(key, "Active", driver.PackageLabel);
        system.SetMultiString(key, "Configurations", driver.InstallSection);
    }

    /// <summary>Four bytes a device id: 01 for the first id of a model and 02 for the others, the feature score, and the place among the others.</summary>
    private static void WriteDeviceIds(HiveEditor system, PlannedDriver driver, string published)
    {
        system.Set($@"{Database}\DeviceIds\{driver.ClassGuid:B}", published, HiveValueType.None, []);
        foreach (PlannedModel model in driver.Models)
        {
            system.SetBinary($@"{Database}\DeviceIds\{model.HardwareId}", published, [0x01, 0xFF, 0x00, 0x00]);
            for (int i = 0; i < model.CompatibleIds.Count; i++)
            {
                system.SetBinary(
                    $@"{Database}\DeviceIds\{model.CompatibleIds[i]}", published, [0x02, 0xFF, (byte)i, (byte)(i >> 8)]);
            }
        }
    }

    private static void WritePackage(EditableGuest guest, PlannedDriver driver, string published, int infLength, string? signer)
    {
        HiveEditor system = guest.System;
        string key = $@"{Database}\DriverPackages\{driver.PackageLabel}";
        bool isNew = system.Hive.Find(key) is null;
        system.SetString(key, "", published);
        system.SetBinary(key, "Version", VersionBlob(driver));
        system.SetString(key, "Provider", driver.Provider);
        system.SetString(key, "InfName", driver.InfName);
        system.SetString(key, "OemPath", OemPathOf(guest, driver));
        if (driver.CatalogName is { } catalog)
        {
            system.SetString(key, "Catalog", catalog);
        }

        if (signer is not null)
        {
            system.SetString(key, "SignerName", signer);
        }

        system.SetDword(key, "SignerScore", signer == HardwarePublisher ? SignerScoreWhql : SignerScoreAuthenticode);
        system.SetDword(key, "StatusFlags", NormalStatus);
        if (isNew)
        {
            byte[] now = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(now, guest.UtcNow.ToFileTimeUtc());
            system.SetBinary(key, "ImportDate", now);
        }
    }

    /// <summary>Where the package was imported from; we put it straight into the store.</summary>
    private static string OemPathOf(EditableGuest guest, PlannedDriver driver)
    {
        string root = guest.Software.Hive.Find(@"Microsoft\Windows NT\CurrentVersion")?.GetValue("SystemRoot")?.AsString() ?? @"C:\Windows";
        return $@"{root}\System32\DriverStore\FileRepository\{driver.PackageLabel}";
    }

    private static void WriteConfiguration(HiveEditor system, PlannedDriver driver)
    {
        string package = $@"{Database}\DriverPackages\{driver.PackageLabel}";
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

    /// <summary>48 bytes: kind, architecture, class GUID, DriverVer date and version (in reverse), zeros.</summary>
    internal static byte[] VersionBlob(PlannedDriver driver)
    {
        byte[] blob = new byte[48];
        blob[1] = 0xFF; // 00 FF: from a third party
        blob[2] = driver.Architecture switch
        {
            GuestArchitecture.X64 => 9, // PROCESSOR_ARCHITECTURE_AMD64
            GuestArchitecture.Arm64 => 12,
            _ => 0,
        };
        driver.ClassGuid.TryWriteBytes(blob.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(
            blob.AsSpan(24), driver.Date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).ToFileTimeUtc());
        string[] parts = driver.Version.Split('.');
        for (int i = 0; i < 4 && i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(
                blob.AsSpan(38 - (2 * i)), ushort.Parse(parts[i], System.Globalization.CultureInfo.InvariantCulture));
        }

        return blob;
    }

    /// <summary>Who signed the catalog, where that is Microsoft's hardware program; the name stands in the certificate as plain text.</summary>
    private static string? SignerOf(PlannedDriver driver, DriverSource source)
    {
        PlannedFile? catalog = driver.Files.FirstOrDefault(file => file.Name.Equals(driver.CatalogName, StringComparison.OrdinalIgnoreCase));
        return catalog is not null
            && DriverFiles.Read(source, catalog).AsSpan().IndexOf(Encoding.ASCII.GetBytes(HardwarePublisher)) >= 0
            ? HardwarePublisher
            : null;
    }
}
