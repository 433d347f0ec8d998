using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>The PCI devices of a KVM machine that a Windows has met, in Enum\PCI.</summary>
internal sealed class VirtioDevices(Hive system, SystemHiveFacts facts)
{
    /// <summary>Windows does not start a device with one of these flags: CONFIGFLAG_DISABLED, CONFIGFLAG_FAILEDINSTALL (cfgmgr32, regstr.h).</summary>
    private const ulong FaultFlags = 0x1 | 0x40;

    /// <summary>Devices of QEMU: VirtIO, its bridges and controllers, its VGA; and whatever has its subsystem id.</summary>
    private static readonly string[] s_ofKvm = ["VEN_1AF4", "VEN_1B36", "VEN_1234&DEV_1111"];

    /// <summary>Windows has run on KVM and been shut down since the service was written.</summary>
    /// <remarks>An edit and PnP both write the key, but neither after the shutdown of the run in which the device was met.</remarks>
    public bool RanSince(HiveKey service) =>
        facts.Find(@"Control\Windows")?.GetValue("ShutdownTime")?.Data() is { Length: 8 } data
        && BitConverter.ToInt64(data) is >= 0 and var time && time <= DateTime.MaxValue.ToFileTimeUtc()
        && DateTime.FromFileTimeUtc(time) > service.LastWrittenUtc
        && facts.BootControlSets.Any(set => Devices(set).Any(device =>
            s_ofKvm.Any(id => PciId.IsOrExtends(device.Name, id)) || device.Name.Contains("&SUBSYS_11001AF4", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The instances of a device that PnP gave a service, those without a fault first.</summary>
    /// <param name="ids">As in <c>VEN_1AF4&amp;DEV_1001</c>.</param>
    /// <param name="service">Its service.</param>
    public IReadOnlyList<(string Path, HiveKey Key, ulong Flags)> Instances(string[] ids, string service) =>
        [.. (from set in facts.BootControlSets
             from device in Devices(set)
             where ids.Any(id => PciId.IsOrExtends(device.Name, id))
             from instance in device.Subkeys
             where string.Equals(instance.GetValue("Service")?.AsString(), service, StringComparison.OrdinalIgnoreCase)
             let flags = (instance.GetValue("ConfigFlags")?.AsInteger() ?? 0) & FaultFlags
             orderby flags
             select ($@"HKLM\SYSTEM\{set}\Enum\PCI\{device.Name}\{instance.Name}", instance, flags))];

    /// <summary>The class key that PnP made for an instance when it installed its driver, or null.</summary>
    public HiveKey? DriverOf(HiveKey instance) =>
        instance.GetValue("Driver")?.AsString() is { Length: > 0 } driver ? facts.Find($@"Control\Class\{driver}") : null;

    private IEnumerable<HiveKey> Devices(string controlSet) => system.Find($@"{controlSet}\Enum\PCI")?.Subkeys ?? [];
}
