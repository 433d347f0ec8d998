using System.Management.Automation;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Reads Hyper-V's VirtualMachine: Name, Id, Generation, ProcessorCount, MemoryStartup, HardDrives, NetworkAdapters.</summary>
internal static class HyperVMachine
{
    private const int Generation2 = 2;

    public static SourceMachine Read(PSObject input, PSObject? firmware, PSObject? security, string folder)
    {
        MachineDraft draft = new(SourceMachineKind.HyperV, "Microsoft.HyperV.PowerShell.VirtualMachine")
        {
            Name = input.Text("Name") is { Length: > 0 } name ? name : input.Text("VMName"),
            Uuid = Guid.TryParse(input.Text("Id"), out Guid id) || Guid.TryParse(input.Text("VMId"), out id) ? id : null,
            CpuCount = input.Number("ProcessorCount"),
            MemoryBytes = input.Number("MemoryStartup"),
            Firmware = input.Number("Generation") switch
            {
                Generation2 => FirmwareMode.Uefi,
                1 => FirmwareMode.Bios,
                _ => null,
            },
        };
        // Not part of the machine's object: given beside it, or added to it by whoever exported it.
        firmware ??= input.Get("VMFirmware") ?? input.Get("Firmware");
        security ??= input.Get("VMSecurity") ?? input.Get("Security");
        draft.SecureBoot = draft.Firmware == FirmwareMode.Bios ? false : firmware.Flag("SecureBoot");
        draft.Tpm = draft.Firmware == FirmwareMode.Bios ? false : security.Flag("TpmEnabled");
        ReadDisks(input, firmware, folder, draft);
        foreach (PSObject card in input.List("NetworkAdapters"))
        {
            if (card.Has("MacAddress"))
            {
                draft.AddNic(card.Text("MacAddress"), card.Text("SwitchName"), card.Flag("IsLegacy") == true ? "legacy" : "synthetic");
            }
            else
            {
                draft.Warn("The object says nothing of its network cards: it was serialized with too little depth. Pass it live, or give Export-Clixml a -Depth of 4.");
            }
        }

        return draft.Build();
    }

    /// <summary>A machine of generation 1 starts from IDE; one of generation 2 has a list of its own.</summary>
    private static void ReadDisks(PSObject input, PSObject? firmware, string folder, MachineDraft draft)
    {
        List<string> order = [.. firmware.List("BootOrder").Select(entry => entry.Text("Device", "Path")).Where(path => path.Length > 0)];
        foreach (PSObject disk in input.List("HardDrives"))
        {
            string path = disk.Text("Path");
            if (!disk.Has("Path"))
            {
                draft.Warn("The object says nothing of its disks: it was serialized with too little depth. Pass it live, or give Export-Clixml a -Depth of 4.");
                continue;
            }

            bool isIde = disk.Text("ControllerType") is "IDE" or "0";
            long number = disk.Number("ControllerNumber") ?? 0;
            long location = disk.Number("ControllerLocation") ?? 0;
            if (disk.Get("DiskNumber") is not null && path.Length == 0)
            {
                draft.Warn($"Disk {number}:{location} is a physical disk of the host: it is left out. Make an image of it first: New-VHD -SourceDisk.");
                continue;
            }

            int listed = order.FindIndex(entry => entry.Equals(path, StringComparison.OrdinalIgnoreCase));
            long priority = listed >= 0 ? listed : order.Count + (isIde ? 0 : 1000) + (Math.Min(number, 7) * 64) + Math.Min(location, 63);
            draft.AddDisk(
                path, MachineDraft.FindImage(folder, path), isIde ? DiskController.Ide : DiskController.Scsi, "", number, location, null, priority);
        }
    }
}
