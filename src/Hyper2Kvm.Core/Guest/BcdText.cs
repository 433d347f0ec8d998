using System.Globalization;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Guest;

/// <summary>Objects of a boot store in bcdedit's words.</summary>
/// <param name="store">The store.</param>
/// <param name="disk">The disk that its devices may name; null for a store that lies on no disk.</param>
internal sealed class BcdText(BcdStore store, BcdDisk? disk)
{
    /// <summary>The boot managers and the default entry first, then what else can be started, then settings.</summary>
    public IReadOnlyList<BcdEntry> Entries() =>
    [
        .. store.Objects
            .OrderBy(item => item.Type switch
            {
                BcdObjectTypes.FirmwareBootManager => 0,
                BcdObjectTypes.BootManager => 1,
                _ when item.Id == store.DefaultId => 2,
                _ => item.Type >> 28 == 1 ? 3 : 4,
            })
            .Select(Entry),
    ];

    private BcdEntry Entry(BcdObject item) => new()
    {
        Id = item.Id.ToString("B", CultureInfo.InvariantCulture),
        Alias = NameOf(item.Id),
        Type = BcdObjectTypes.TitleOf(item.Id, item.Type),
        Description = Plain(item.Text(BcdElementTypes.Description)),
        Path = Plain(item.Text(BcdElementTypes.ApplicationPath)),
        Device = item.Device(BcdElementTypes.ApplicationDevice) is { } device ? Plain(InWords(device)) : null,
        OsDevice = item.Device(BcdElementTypes.OsDevice) is { } osDevice ? Plain(InWords(osDevice)) : null,
        Settings = [.. item.Elements.OrderBy(element => element.Type).Select(element => Setting(item, element))],
    };

    private static string? Plain(string? text) => text is null ? null : PlainText.Escape(text);

    private string InWords(BcdDevice device) => disk?.Describe(device) ?? Device(device);

    private BcdSetting Setting(BcdObject item, BcdElement element) => new(
        element.Type,
        BcdElementNames.NameOf(element.Type, item.Type),
        Enum.IsDefined(element.Format) ? element.Format.ToString() : "Unknown",
        [.. Values(item, element).Select(PlainText.Escape)]);

    private IReadOnlyList<string> Values(BcdObject item, BcdElement element) => element switch
    {
        { Device: { } device } => [Device(device)],
        { Text: { } text } => [text],
        { Objects: { } objects } => [.. objects.Select(NameOf)],
        { Integer: { } number } => [BcdElementValues.Integer(element.Type, item.Type, number)],
        { Flag: { } flag } => [BcdElementValues.Flag(flag)],
        { Integers: { } numbers } => [.. numbers.Select(BcdElementValues.Hex)],
        _ => [],
    };

    private string NameOf(Guid id) => id == store.DefaultId ? "{default}" : BcdAliases.NameOf(id);

    /// <summary>A device element as bcdedit writes it; partitions of this disk by drive letter and number.</summary>
    private string Device(BcdDevice device)
    {
        string options = device.Options == Guid.Empty ? "" : $",{NameOf(device.Options)}";
        return device switch
        {
            { Kind: BcdDeviceKind.Partition, Partition: { } id } => $"partition={Partition(id)}",
            { Kind: BcdDeviceKind.Boot } => "boot",
            { Kind: BcdDeviceKind.Ramdisk } => $"ramdisk=[{Holder(device)}]{device.Path}{options}",
            { Kind: BcdDeviceKind.VirtualDisk } => $"vhd=[{Holder(device)}]{device.Path}{options}",
            { Kind: BcdDeviceKind.File } => $"file=[{Holder(device)}]{device.Path}{options}",
            { Kind: BcdDeviceKind.Locate, LocateElement: { } element } =>
                string.Create(CultureInfo.InvariantCulture, $"locate=custom:{element:x8}"),
            { Kind: BcdDeviceKind.Locate } => "locate",
            { Kind: BcdDeviceKind.Disk } => "disk",
            { Kind: BcdDeviceKind.LegacyPartition } => $"partition={device.Path}",
            { Kind: BcdDeviceKind.Serial } => "serial",
            { Kind: BcdDeviceKind.Network } => "network",
            { Kind: BcdDeviceKind.VmBus, Interface: { } instance } =>
                string.Create(CultureInfo.InvariantCulture, $"vmbus={instance:B}"),
            { Kind: BcdDeviceKind.VmBus } => "vmbus",
            _ => "unknown",
        };
    }

    private string Holder(BcdDevice device) => device.Parent switch
    {
        { Kind: BcdDeviceKind.Partition, Partition: { } id } => Partition(id),
        { } parent => Device(parent),
        null => "unknown",
    };

    private string Partition(BcdPartitionId id) => disk is null ? id.Ids : disk.Name(id);
}
