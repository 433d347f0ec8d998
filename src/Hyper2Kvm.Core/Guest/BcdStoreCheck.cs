using System.Globalization;
using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Guest;

/// <summary>Follows the way that the boot manager goes: its own object, the default entry, the devices, the loader's files.</summary>
internal sealed class BcdStoreCheck(BcdStore store, WindowsLayout layout, BcdDisk disk)
{
    private const string Bcdboot = @"Start from Windows installation media and run 'bcdboot C:\Windows'.";

    private readonly List<BcdFinding> _findings = [];

    public IReadOnlyList<BcdFinding> Run()
    {
        if (store.StrangeKeys.Count > 0)
        {
            Add(
                "BcdKeyNotAnObject", FindingSeverity.Information, "Objects",
                $"The store has keys that are no objects or elements; boot managers pass over them: {string.Join(", ", store.StrangeKeys.Take(5))}.",
                "");
        }

        if (store.BootManager is null)
        {
            Add(
                "BcdBootManagerMissing", FindingSeverity.Error, "Objects", "The store has no boot manager object.", Bcdboot);
            return _findings;
        }

        CheckBootManager(store.BootManager);
        CheckDefault();
        CheckOtherDevices();
        return _findings;
    }

    private void CheckBootManager(BcdObject bootManager)
    {
        if (bootManager.Find(BcdElementTypes.AttemptResume)?.Flag == true)
        {
            Add(
                "BcdResumePending", FindingSeverity.Warning, "{bootmgr} resume", "The boot manager is told to resume from hibernation.",
                "Start the source machine and shut it down fully: 'shutdown /s /t 0'.");
        }

        if (bootManager.Find(BcdElementTypes.BootSequence)?.Objects is { Count: > 0 } sequence)
        {
            string names = string.Join(", ", sequence.Select(id => store.Find(id)?.ToString() ?? $"{id:B}, which is not in the store"));
            Add(
                "BcdBootSequencePending", FindingSeverity.Warning, "{bootmgr} bootsequence",
                $"The next start is not of the default entry but, once, of: {names}.",
                "If that is not wanted: 'bcdedit /deletevalue {bootmgr} bootsequence'.");
        }

        int choices = bootManager.Find(BcdElementTypes.DisplayOrder)?.Objects?.Count ?? 0;
        ulong? timeout = bootManager.Find(BcdElementTypes.Timeout)?.Integer;
        if (choices > 1 && timeout is null or uint.MaxValue)
        {
            Add(
                "BcdWaitsForever", FindingSeverity.Warning, "{bootmgr} timeout",
                $"The boot menu has {choices} entries and no time-out: every start waits for somebody at the console.",
                "Set one: 'bcdedit /timeout 30'.");
        }
    }

    private void CheckDefault()
    {
        if (store.DefaultId is not { } id)
        {
            Add(
                "BcdDefaultMissing", FindingSeverity.Error, "{bootmgr} default",
                "The boot manager has no default entry and no menu: it has nothing to start.", Bcdboot);
            return;
        }

        if (store.Find(id) is not { } loader)
        {
            Add(
                "BcdDefaultMissing", FindingSeverity.Error, "{bootmgr} default",
                $"The boot manager's default entry {id:B} is not in the store.", "Choose another with 'bcdedit /default'.");
            return;
        }

        if (loader.Type == BcdObjectTypes.LegacyLoader)
        {
            Add(
                "BcdDefaultIsLegacy", FindingSeverity.Warning, loader, "The default entry starts a Windows before Vista through ntldr.",
                "If that is not wanted: 'bcdedit /default'.");
            return;
        }

        if (loader.Type != BcdObjectTypes.OsLoader)
        {
            Add(
                "BcdDefaultNotALoader", FindingSeverity.Error, loader,
                $"The default entry {loader} is no Windows boot loader but: {BcdObjectTypes.NameOf(loader.Type)}.",
                "Choose another with 'bcdedit /default'.");
            return;
        }

        CheckDevice(loader, BcdElementTypes.ApplicationDevice, "device", FindingSeverity.Error);
        CheckDevice(loader, BcdElementTypes.OsDevice, "osdevice", FindingSeverity.Error);
        CheckLoaderPath(loader);
        CheckSystemRoot(loader);
        CheckRecovery(loader);
    }

    private void CheckLoaderPath(BcdObject loader)
    {
        if (loader.Text(BcdElementTypes.ApplicationPath) is not { Length: > 0 } path)
        {
            Add("BcdLoaderPathMissing", FindingSeverity.Error, $"{loader} path", $"The default entry {loader} names no loader.", Bcdboot);
            return;
        }

        string expected = layout.Firmware == FirmwareMode.Uefi ? ".efi" : ".exe";
        if (!path.EndsWith(expected, StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "BcdLoaderFirmwareMismatch", FindingSeverity.Error, $"{loader} path",
                $"The default entry starts {path}, but the disk starts from {(layout.Firmware == FirmwareMode.Uefi ? "UEFI" : "BIOS")}, " +
                $"which needs a loader that ends in {expected}. The store is for the other firmware mode.",
                "Give the new machine the firmware that the old one had; to change the disk itself, use mbr2gpt in the guest.");
        }

        if (disk.PartitionOf(loader.Device(BcdElementTypes.ApplicationDevice)) is { } partition && disk.Exists(partition, path) == false)
        {
            Add(
                "BcdLoaderFileMissing", FindingSeverity.Error, $"{loader} path",
                $"The default entry starts {path}, which is not on {BcdDisk.Describe(partition)}.", Bcdboot);
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
            Add(
                "BcdSystemRootMissing", FindingSeverity.Error, $"{loader} systemroot", $"The default entry {loader} names no Windows directory.",
                Bcdboot);
            return;
        }

        if (disk.Exists(partition, root.TrimEnd('\\') + @"\System32\config\SYSTEM") == false)
        {
            Add(
                "BcdSystemRootMissing", FindingSeverity.Error, $"{loader} systemroot",
                $"The default entry starts the Windows in {root} on {BcdDisk.Describe(partition)}, where none is.", Bcdboot);
            return;
        }

        if (partition.Number != layout.WindowsPartition.Number
            || !string.Equals(root.TrimEnd('\\'), layout.WindowsRoot.TrimEnd('\\'), StringComparison.OrdinalIgnoreCase))
        {
            Add(
                "BcdOtherWindows", FindingSeverity.Warning, $"{loader} osdevice",
                $"The default entry starts the Windows in {root} on {BcdDisk.Describe(partition)}; the one that was inspected is in " +
                $"{layout.WindowsRoot} on {BcdDisk.Describe(layout.WindowsPartition)}.",
                "Inspect the other with -Partition, or choose the default with 'bcdedit /default'.");
        }
    }

    /// <summary>What Windows starts after two failed starts.</summary>
    private void CheckRecovery(BcdObject loader)
    {
        if (store.FindInherited(loader, BcdElementTypes.RecoverySequence)?.Objects is not { Count: > 0 } sequence
            || store.FindInherited(loader, BcdElementTypes.RecoveryEnabled)?.Flag == false)
        {
            return;
        }

        if (store.Find(sequence[0]) is not { } recovery)
        {
            Add(
                "BcdRecoveryMissing", FindingSeverity.Warning, $"{loader} recoverysequence",
                $"The recovery environment {sequence[0]:B} is not in the store: after failed starts there is nothing to repair with.",
                "In the guest: 'reagentc /disable', then 'reagentc /enable'.");
            return;
        }

        Add(
            "BcdRecoveryBlind", FindingSeverity.Information, $"{loader} recoverysequence",
            $"After failed starts Windows starts its recovery environment, {recovery}{Place(recovery)}, which has drivers of its own and finds no "
            + "disk on VirtIO.",
            "Add-BootStartStorage -RecoveryEnvironment adds the driver to its image at the first boot; or attach the disk to SATA while repairing.");
    }

    private string Place(BcdObject item) =>
        item.Device(BcdElementTypes.ApplicationDevice) is { } device ? $" ({disk.Describe(device)})" : "";

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
                Add("BcdDeviceMissing", severity, $"{item} {name}", $"The default entry {item} has no {name}.", Bcdboot);
            }

            return;
        }

        if (device.Kind is BcdDeviceKind.VirtualDisk && severity == FindingSeverity.Error)
        {
            Add(
                "BcdVirtualDiskBoot", FindingSeverity.Warning, $"{item} {name}",
                $"The {name} of {item} is a {disk.Describe(device)}: this Windows starts from a virtual disk file, which is not looked into.",
                "Migrate the virtual disk in that file as a machine of its own.");
        }

        if (device.Kind is BcdDeviceKind.Opaque && severity == FindingSeverity.Error)
        {
            Add(
                "BcdDeviceUnknown", FindingSeverity.Warning, $"{item} {name}", $"The {name} of {item} has a layout that is not known here.",
                "If Windows does not start, set it anew with 'bcdedit /set'.");
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
                "BcdDeviceNotOnDisk", severity, $"{item} {name}",
                $"The {name} of {item} is {id}, which is not on this disk.", $"It may be on another disk of the machine. If it is not: {Bcdboot}");
        }
        else if (!disk.IsThisDisk(id))
        {
            string actual = id.IsGpt
                ? string.Create(CultureInfo.InvariantCulture, $"{layout.DiskId:B}")
                : string.Create(CultureInfo.InvariantCulture, $"0x{layout.DiskSignature ?? 0:X8}");
            Add(
                "BcdDiskIdMismatch", severity, $"{item} {name}",
                $"The {name} of {item} is {id}, but the disk has the id {actual}: its id was changed after the store was written.",
                $"Give the disk its old id again. If that is not known: {Bcdboot}");
        }
    }

    private void Add(string id, FindingSeverity severity, object place, string message, string remedy) =>
        _findings.Add(new BcdFinding(id, severity, place.ToString()!, message, remedy));
}
