using System.Management.Automation;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Reads PowerCLI's VirtualMachine: Name, NumCpu, CoresPerSocket, MemoryMB, GuestId, and what vSphere's API says in ExtensionData.</summary>
internal static class PowerCliMachine
{
    private const decimal Mega = 1024 * 1024;
    private const decimal MaxMega = 1L << 40;

    public static SourceMachine Read(PSObject input, string folder)
    {
        PSObject? config = input.Get("ExtensionData", "Config");
        MachineDraft draft = new(SourceMachineKind.PowerCli, "VMware.VimAutomation.ViCore.Types.V1.Inventory.VirtualMachine")
        {
            Name = input.Text("Name"),
            CpuCount = input.Number("NumCpu"),
            CoresPerSocket = input.Number("CoresPerSocket") ?? config.Number("Hardware", "NumCoresPerSocket"),
            MemoryBytes = Memory(input),
            OsId = input.Text("GuestId") is { Length: > 0 } guest ? guest : config.Text("GuestId"),
            OsName = input.Text("Guest", "OSFullName") is { Length: > 0 } name ? name : config.Text("GuestFullName"),
            Firmware = config.Text("Firmware").ToUpperInvariant() switch
            {
                "EFI" => FirmwareMode.Uefi,
                "BIOS" => FirmwareMode.Bios,
                _ => null,
            },
            SecureBoot = config.Flag("BootOptions", "EfiSecureBootEnabled"),
            Tpm = input.Flag("ExtensionData", "Summary", "Config", "TpmPresent"),
        };
        if (config.Text("Uuid") is { Length: > 0 } uuid)
        {
            draft.SetVmwareUuid(uuid);
        }

        ReadDevices(input, config, folder, draft);
        return draft.Build();
    }

    private static long? Memory(PSObject input) =>
        (input.Decimal("MemoryMB") ?? (input.Decimal("MemoryGB") * 1024)) is { } mega and > 0 and < MaxMega ? (long)(mega * Mega) : null;

    private static void ReadDevices(PSObject input, PSObject? config, string folder, MachineDraft draft)
    {
        IReadOnlyList<PSObject> devices = config.List("Hardware", "Device");
        foreach (PSObject device in devices)
        {
            string file = device.Text("Backing", "FileName");
            bool isDisk = device.Has("CapacityInKB") || device.Has("CapacityInBytes");
            if (isDisk && file.Length > 0)
            {
                AddDisk(device, file, devices, folder, draft);
            }
        }

        foreach (PSObject disk in draft.DiskCount > 0 ? [] : input.List("HardDisks"))
        {
            decimal? capacity = disk.Decimal("CapacityKB") * 1024;
            string file = disk.Text("Filename");
            draft.AddDisk(file, MachineDraft.FindImage(folder, file), DiskController.Unknown, "", 0, draft.DiskCount, capacity is < long.MaxValue ? (long)capacity : null);
        }

        if (devices.Any(device => TypeOf(device) == "VirtualTPM"))
        {
            draft.Tpm = true;
        }

        IReadOnlyList<PSObject> cards = input.List("NetworkAdapters");
        foreach (PSObject card in cards)
        {
            draft.AddNic(card.Text("MacAddress"), card.Text("NetworkName"), card.Text("Type"));
        }

        foreach (PSObject card in cards.Count > 0 ? [] : devices.Where(device => device.Has("MacAddress")))
        {
            draft.AddNic(card.Text("MacAddress"), card.Text("Backing", "DeviceName"), TypeOf(card));
        }
    }

    private static void AddDisk(PSObject device, string file, IReadOnlyList<PSObject> devices, string folder, MachineDraft draft)
    {
        long key = device.Number("ControllerKey") ?? -1;
        PSObject? controller = devices.FirstOrDefault(one => one.Number("Key") == key);
        string type = controller is null ? "" : TypeOf(controller);
        DiskController kind = KindOf(key, type);
        long bus = controller.Number("BusNumber") ?? 0;
        long unit = device.Number("UnitNumber") ?? 0;
        long? capacity = device.Number("CapacityInBytes") ?? (device.Number("CapacityInKB") is { } kilo and < 1L << 50 ? kilo * 1024 : null);
        draft.AddDisk(
            file, MachineDraft.FindImage(folder, file), kind, type, bus, unit, capacity,
            (BootRanks.Of(kind) * 100_000) + (Math.Min(bus, 99) * 1000) + Math.Min(unit, 999));
    }

    /// <summary>vSphere numbers its controllers: IDE from 200, SCSI from 1000, SATA from 15000, NVMe from 31000.</summary>
    private static DiskController KindOf(long key, string type) => key switch
    {
        >= 31000 and < 32000 => DiskController.Nvme,
        >= 15000 and < 16000 => DiskController.Sata,
        >= 1000 and < 2000 => DiskController.Scsi,
        >= 200 and < 300 => DiskController.Ide,
        _ when type.Contains("NVME", StringComparison.OrdinalIgnoreCase) => DiskController.Nvme,
        _ when type.Contains("AHCI", StringComparison.OrdinalIgnoreCase) => DiskController.Sata,
        _ when type.Contains("IDE", StringComparison.Ordinal) => DiskController.Ide,
        _ => DiskController.Scsi,
    };

    /// <summary>The last part of the type's name: <c>ParaVirtualSCSIController</c>.</summary>
    private static string TypeOf(PSObject device)
    {
        string name = device.TypeNames.FirstOrDefault() ?? "";
        name = name[(name.LastIndexOf('.') + 1)..];
        return name is "PSCustomObject" ? "" : name;
    }
}
