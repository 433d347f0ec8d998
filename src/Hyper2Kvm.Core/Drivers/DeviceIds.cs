using System.Globalization;

namespace Hyper2Kvm.Drivers;

/// <summary>Says which device a hardware id is.</summary>
/// <remarks>VirtIO 1.2: 4.1.2 gives the PCI ids (0x1040 and the device type; the transitional ones from 0x1000 on), 5 the types.
/// QEMU, docs/specs/pci-ids and docs/specs/pvpanic, fw_cfg: the others.</remarks>
internal static class DeviceIds
{
    private const string VirtioPrefix = @"PCI\VEN_1AF4&DEV_";
    private const int ModernBase = 0x1040;

    private static readonly Dictionary<int, VirtioDevice> s_types = new()
    {
        [1] = VirtioDevice.Network,
        [2] = VirtioDevice.Block,
        [3] = VirtioDevice.Serial,
        [4] = VirtioDevice.Rng,
        [5] = VirtioDevice.Balloon,
        [8] = VirtioDevice.Scsi,
        [16] = VirtioDevice.Gpu,
        [18] = VirtioDevice.Input,
        [19] = VirtioDevice.Socket,
        [20] = VirtioDevice.Crypto,
        [24] = VirtioDevice.Memory,
        [25] = VirtioDevice.Sound,
        [26] = VirtioDevice.FileSystem,
    };

    private static readonly Dictionary<int, VirtioDevice> s_transitional = new()
    {
        [0x1000] = VirtioDevice.Network,
        [0x1001] = VirtioDevice.Block,
        [0x1002] = VirtioDevice.Balloon,
        [0x1003] = VirtioDevice.Serial,
        [0x1004] = VirtioDevice.Scsi,
        [0x1005] = VirtioDevice.Rng,
    };

    private static readonly (string Id, VirtioDevice Device)[] s_ofQemu =
    [
        (@"ACPI\QEMU0001", VirtioDevice.Panic),
        (@"ACPI\VEN_QEMU&DEV_0001", VirtioDevice.Panic),
        (@"PCI\VEN_1B36&DEV_0011", VirtioDevice.Panic),
        (@"ACPI\QEMU0002", VirtioDevice.FirmwareConfig),
        (@"ACPI\VEN_QEMU&DEV_0002", VirtioDevice.FirmwareConfig),
        (@"PCI\VEN_1B36&DEV_0100", VirtioDevice.Qxl),
    ];

    /// <summary>The device of the first id that is known.</summary>
    public static VirtioDevice DeviceOf(IEnumerable<string> ids) => ids.Select(DeviceOf).FirstOrDefault(device => device != VirtioDevice.Other);

    private static VirtioDevice DeviceOf(string id)
    {
        if (id.StartsWith(VirtioPrefix, StringComparison.OrdinalIgnoreCase))
        {
            string digits = id[VirtioPrefix.Length..].Split('&')[0];
            return digits.Length == 4 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
                ? s_transitional.GetValueOrDefault(number, s_types.GetValueOrDefault(number - ModernBase))
                : VirtioDevice.Other;
        }

        return s_ofQemu.FirstOrDefault(known => id.StartsWith(known.Id, StringComparison.OrdinalIgnoreCase)).Device;
    }
}
