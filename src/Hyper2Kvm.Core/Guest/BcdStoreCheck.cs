using System.Globalization;
using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Guest;

/// <summary>Follows the way that the boot manager goes: its own object, the default entry, the devices, the loader's files.</summary>
internal sealed class BcdStoreCheck(BcdStore store, WindowsLayout layout, BcdDisk disk)
{
    private readonly List<BcdFinding> _findings = [];

    public IReadOnlyList<BcdFinding> Run()
    {
        if (store.StrangeKeys.Count > 0)
        {
            Add(
                "BcdKeyNotAnObject", FindingSeverity.Information,
                $"The store has keys that are no objects or elements; boot managers pass over them: {string.Join(", ", store.StrangeKeys.Take(5))}.");
        }

        if (store.BootManager is null)
        {
            Add(
                "BcdBootManagerMissing", FindingSeverity.Error,
                $@"The store has no boot manager object. Start from Windows installation media and run 'bcdboot C:\Windows'.");
            return _findings;
        }

        CheckAttemptResume(store.BootManager);
        CheckDefault();
        CheckOtherDevices();
        return _findings;
    }

    private void CheckAttemptResume(BcdObject bootManager)
    {
        if (bootManager.Find(BcdElementTypes.AttemptResume)?.Flag == true)
        {
            Add(
                "BcdResumePending", FindingSeverity.Warning,
                "The boot manager is told to resume from hibernation. Start the source machine and shut it down fully: 'shutdown /s /t 0'.");
        }
    }

    private void CheckDefault()
    {
        if (store.DefaultId is not { } id)
        {
            Add("BcdDefaultMissing", FindingSeverity.Error, "The boot manager has no default entry and no menu: it has nothing to start.");
            return;
        }

        if (store.Find(id) is not { } loader)
        {
            Add(
                "BcdDefaultMissing", FindingSeverity.Error,
                $"The boot manager's default entry {id:B} is not in the store. Choose another with 'bcdedit /default'.");
            return;
        }

        if (loader.Type == BcdObjectTypes.LegacyLoader)
        {
            Add("BcdDefaultIsLegacy", FindingSeverity.Warning, "The default entry starts a Windows before Vista through ntldr.");
            return;
        }

        if (loader.Type != BcdObjectTypes.OsLoader)
        {
            Add(
                "BcdDefaultNotALoader", FindingSeverity.Error,
                $"The default entry {loader} is no Windows boot loader but: {BcdObjectTypes.NameOf(loader.Type)}.");
            return;
        }

        CheckDevice(loader, BcdElementTypes.ApplicationDevice, "device", FindingSeverity.Error);
        CheckDevice(loader, BcdElementTypes.OsDevice, "osdevice", FindingSeverity.Error);
        CheckLoaderPath(loader);
        CheckSystemRoot(loader);
    }

    private void CheckLoaderPath(BcdObject loader)
    {
        if (loader.Text(BcdElementTypes.ApplicationPath) is not { Length: > 0 } path)
        {
            Add("BcdLoaderPathMissing", FindingSeverity.Error, $"The default entry {loader} names no loader.");
            return;
        }

        string expected = layout.Firmware == FirmwareMode.Uefi ? ".efi" : ".exe";
        if (!path.EndsWith(expected, StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "BcdLoaderFirmwareMismatch", FindingSeverity.Error,
                $"The default entry starts {path}, but the disk starts from {(layout.Firmware == FirmwareMode.Uefi ? "UEFI" : "BIOS")}, " +
                $"which needs a loader that ends in {expected}. The store is for the other firmware mode.");
        }

        if (disk.PartitionOf(loader.Device(BcdElementTypes.ApplicationDevice)) is { } partition && disk.Exists(partition, path) == false)
        {
            Add(
                "BcdLoaderFileMissing", FindingSeverity.Error,
                $"The default entry starts {path}, which is not on {BcdDisk.Describe(partition)}.");
        }
    }

    private void CheckSystemRoot(BcdObject loader)
    {
        if (disk.PartitionOf(loader.Device(BcdElementTypes.OsDevice)) is not { } partition)
        {
            return;
        }

        if (loader.Text(BcdElementTypes.SystemRoot) is not { Length: > 0 } root)
        {
            Add("BcdSystemRootMissing", FindingSeverity.Error, $"The default entry {loader} names no Windows directory.");
            return;
        }

        if (disk.Exists(partition, root.TrimEnd('\\') + @"\System32\config\SYSTEM") == false)
        {
            Add(
                "BcdSystemRootMissing", FindingSeverity.Error,
                $"The default entry starts the Windows in {root} on {BcdDisk.Describe(partition)}, where none is.");
            return;
        }

        if (partition.Number != layout.WindowsPartition.Number
            || !string.Equals(root.TrimEnd('\\'), layout.WindowsRoot.TrimEnd('\\'), StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "BcdOtherWindows", FindingSeverity.Warning,
                $"The default entry starts the Windows in {root} on {BcdDisk.Describe(partition)}; the one that was inspected is in " +
                $"{layout.WindowsRoot} on {BcdDisk.Describe(layout.WindowsPartition)}.");
        }
    }

    /// <summary>Devices that the way to Windows does not depend on: a boot manager has been found by its firmware when it reads them.</summary>
    private void CheckOtherDevices()
    {
        foreach (BcdObject item in store.Objects)
        {
            if (item.Id == store.DefaultId || item.Type is BcdObjectTypes.FirmwareApplication or BcdObjectTypes.FirmwareBootManager)
            {
                continue;
            }

            bool isRecovery = item.Find(BcdElementTypes.WinPe)?.Flag == true;
            FindingSeverity severity = item.Type is BcdObjectTypes.BootManager or BcdObjectTypes.OsLoader && !isRecovery
                ? FindingSeverity.Warning
                : FindingSeverity.Information;
            CheckDevice(item, BcdElementTypes.ApplicationDevice, "device", severity);
            CheckDevice(item, BcdElementTypes.OsDevice, item.Type == BcdObjectTypes.Resume ? "filedevice" : "osdevice", severity);
        }
    }

    private void CheckDevice(BcdObject item, uint elementType, string name, FindingSeverity severity)
    {
        BcdDevice? device = item.Device(elementType);
        if (device is null)
        {
            if (severity == FindingSeverity.Error)
            {
                Add("BcdDeviceMissing", severity, $"The default entry {item} has no {name}.");
            }

            return;
        }

        if (device.Kind is BcdDeviceKind.VirtualDisk && severity == FindingSeverity.Error)
        {
            Add(
                "BcdVirtualDiskBoot", FindingSeverity.Warning,
                $"The {name} of {item} is a {disk.Describe(device)}: this Windows starts from a virtual disk file, which is not looked into.");
        }

        if (device.Kind is BcdDeviceKind.Opaque && severity == FindingSeverity.Error)
        {
            Add("BcdDeviceUnknown", FindingSeverity.Warning, $"The {name} of {item} has a layout that is not known here.");
        }

        // A file's partition is one of this disk; the partition of a virtual disk is inside it.
        BcdDevice onDisk = device;
        while (onDisk.Parent is { } parent)
        {
            onDisk = parent;
        }

        if (onDisk is { Kind: BcdDeviceKind.Partition, Partition: { } id })
        {
            CheckPartition(item, name, id, severity);
        }
    }

    private void CheckPartition(BcdObject item, string name, BcdPartitionId id, FindingSeverity severity)
    {
        if (disk.Find(id) is null)
        {
            Add(
                "BcdDeviceNotOnDisk", severity,
                $"The {name} of {item} is {id}, which is not on this disk. It may be on another disk of the machine; if it is not, start from " +
                @"Windows installation media and run 'bcdboot C:\Windows'.");
        }
        else if (!disk.IsThisDisk(id))
        {
            string actual = id.IsGpt
                ? string.Create(CultureInfo.InvariantCulture, $"{layout.DiskId:B}")
                : string.Create(CultureInfo.InvariantCulture, $"0x{layout.DiskSignature ?? 0:X8}");
            Add(
                "BcdDiskIdMismatch", severity,
                $"The {name} of {item} is {id}, but the disk has the id {actual}: its id was changed after the store was written. " +
                @"Give the disk its old id again, or start from Windows installation media and run 'bcdboot C:\Windows'.");
        }
    }

    private void Add(string id, FindingSeverity severity, string message) => _findings.Add(new BcdFinding(id, severity, message));
}
