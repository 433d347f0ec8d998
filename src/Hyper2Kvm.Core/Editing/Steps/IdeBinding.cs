using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Binds Windows' own IDE drivers in a Windows XP or Server 2003, which has neither SATA nor a driver database: it binds at boot only
/// those controllers that it once ran on.</summary>
/// <remarks>What Microsoft's MergeIDE of KB 314082 does, for the controllers of QEMU's machines; groups and tags as real machines have them.</remarks>
internal static class IdeBinding
{
    private const string IdeClass = "{4D36E96A-E325-11CE-BFC1-08002BE10318}";
    private const string DiskClass = "{4D36E967-E325-11CE-BFC1-08002BE10318}";

    private static readonly (string Name, string Group, uint Tag)[] s_services =
    [
        ("atapi", "SCSI miniport", 25),
        ("IntelIde", "System Bus Extender", 4),
        ("PCIIde", "System Bus Extender", 3),
    ];

    private static readonly (string Id, string Service, string Class)[] s_devices =
    [
        ("primary_ide_channel", "atapi", IdeClass),
        ("secondary_ide_channel", "atapi", IdeClass),
        ("*pnp0600", "atapi", IdeClass),
        ("pci#ven_8086&dev_7010", "IntelIde", IdeClass), // PIIX3, that of QEMU's machine type pc
        ("pci#ven_8086&dev_7111", "IntelIde", IdeClass), // PIIX4
        ("pci#cc_0101", "PCIIde", IdeClass),
        ("gendisk", "disk", DiskClass),
    ];

    public static void Apply(EditableGuest guest)
    {
        foreach (string file in IdeDriverFiles.All)
        {
            Provide(guest, file);
        }

        string[] services = [.. s_services.Select(service => service.Name).Where(name => Has(guest, $"{name}.sys") && (name == "atapi" || Has(guest, "pciidex.sys"))), "disk"];
        foreach (string controlSet in guest.Layout.StorageControlSets)
        {
            foreach ((string name, string group, uint tag) in s_services.Where(service => services.Contains(service.Name)))
            {
                WriteService(guest, $@"{controlSet}\Services\{name}", name, group, tag);
            }

            foreach ((string id, string service, string @class) in s_devices.Where(device => services.Contains(device.Service)))
            {
                Bind(guest.System, $@"{controlSet}\Control\CriticalDeviceDatabase\{id}", service, @class);
            }
        }
    }

    private static bool Has(EditableGuest guest, string file) => guest.Windows.Files.Find(guest.System32 / "drivers" / file) is { IsDirectory: false };

    private static void Provide(EditableGuest guest, string file)
    {
        if (!Has(guest, file) && IdeDriverFiles.Find(guest.Windows.Files, guest.WindowsRoot, guest.System32, file) is { } copy)
        {
            guest.Windows.WriteFile(guest.System32 / "drivers" / file, guest.Windows.ReadFile(copy));
        }
    }

    private static void WriteService(EditableGuest guest, string key, string name, string group, uint tag)
    {
        HiveEditor system = guest.System;
        system.SetDword(key, "Start", 0);
        HiveKey service = system.EnsureKey(key);
        if (service.GetValue("ImagePath") is null || !ServiceImage.Exists(service, guest.Windows.Files, guest.WindowsRoot))
        {
            system.SetExpandString(key, "ImagePath", $@"System32\DRIVERS\{name.ToLowerInvariant()}.sys");
        }

        if (service.GetValue("Type") is null)
        {
            system.SetDword(key, "Type", 1);
            system.SetDword(key, "ErrorControl", 1);
            system.SetString(key, "Group", group);
            system.SetDword(key, "Tag", tag);
        }
    }

    /// <summary>One that is bound already stays: to a driver of the old hardware's maker, for instance.</summary>
    private static void Bind(HiveEditor system, string key, string service, string @class)
    {
        if (system.Hive.Find(key)?.GetValue("Service")?.AsString() is not { Length: > 0 })
        {
            system.SetString(key, "Service", service.ToLowerInvariant());
            system.SetString(key, "ClassGUID", @class);
        }
    }
}
