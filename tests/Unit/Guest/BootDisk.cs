using System.Text;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.Guest;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Unit.Bcd;
using Hyper2Kvm.Unit.Domains;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>A disk with Windows and its boot store as Windows sets them up; a test changes one thing and asks for the verdict.</summary>
internal sealed class BootDisk
{
    public static readonly Guid Loader = new("733b62e5-f608-11eb-825c-c112f60133ab");
    public static readonly Guid Resume = new("733b62e4-f608-11eb-825c-c112f60133ab");
    public static readonly Guid LoaderSettings = new("6efb52bf-1766-41db-a6b3-0ee5eff72bd7");
    public static readonly Guid GlobalSettings = new("7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e");

    private static readonly Guid s_disk = new("d148fb7c-be81-4d12-8dcf-62260299abde");
    private static readonly Guid s_efiPartition = new("236538dd-1103-424b-80ef-c54841d0a445");
    private static readonly Guid s_windowsPartition = new("ecd43012-88cf-4f80-a8de-8d3719d0653a");
    private const uint Signature = 0xDF4546AE;

    public required WindowsLayout Layout { get; set; }

    public required Dictionary<Guid, (uint Type, Dictionary<uint, byte[]> Elements)> Objects { get; init; }

    /// <summary>By partition number; a partition that is not here cannot be read.</summary>
    public required Dictionary<int, MemoryVolume> Volumes { get; init; }

    public BcdStore Store => new(
        [.. Objects.Select(o => new BcdObject(o.Key, o.Value.Type, [.. o.Value.Elements.Select(e => BcdElement.Read(e.Key, e.Value))]))], []);

    public static byte[] Text(string text) => Encoding.Unicode.GetBytes(text + "\0");

    public static byte[] Object(Guid id) => Text(id.ToString("B"));

    public static byte[] List(params Guid[] ids) => Text(string.Concat(ids.Select(id => id.ToString("B") + "\0")));

    public byte[] this[Guid id, uint element]
    {
        set => Objects[id].Elements[element] = value;
    }

    public BcdInspection Inspect() => BcdInspection.Inspect(Store, Layout, partition => Volumes.GetValueOrDefault(partition.Number));

    public static BootDisk Uefi()
    {
        PartitionInfo system = new()
        {
            Number = 1, Offset = 1 << 20, Size = 100 << 20, TypeId = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", UniqueId = s_efiPartition,
            Role = PartitionRole.EfiSystem, FileSystem = "FAT32",
        };
        PartitionInfo windows = new()
        {
            Number = 3, Offset = 118 << 20, Size = 40L << 30, TypeId = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", UniqueId = s_windowsPartition,
            Role = PartitionRole.Windows, FileSystem = "NTFS",
        };
        WindowsLayout layout = Guests.Layout(Guests.Version(10, 0, 19045), FirmwareMode.Uefi) with
        {
            DiskId = s_disk, Partitions = [system, windows], BootPartition = system, WindowsPartition = windows,
        };
        return Make(
            layout, DeviceBytes.Gpt(s_efiPartition, s_disk), DeviceBytes.Gpt(s_windowsPartition, s_disk), ".efi",
            new MemoryVolume((@"\EFI\Microsoft\Boot\bootmgfw.efi", 1500), (@"\EFI\Boot\bootx64.efi", 1500)),
            new MemoryVolume((@"\Windows\System32\winload.efi", 1), (@"\Windows\System32\config\SYSTEM", 1)));
    }

    public static BootDisk Bios()
    {
        PartitionInfo system = new()
        {
            Number = 1, Offset = 1 << 20, Size = 500 << 20, TypeId = "0x07", IsActive = true, Role = PartitionRole.BiosSystem, FileSystem = "NTFS",
        };
        PartitionInfo windows = new()
        {
            Number = 2, Offset = 0x1F500000, Size = 40L << 30, TypeId = "0x07", Role = PartitionRole.Windows, FileSystem = "NTFS",
        };
        WindowsLayout layout = Guests.Layout(Guests.Version(6, 1, 7601)) with
        {
            DiskSignature = Signature, Partitions = [system, windows], BootPartition = system, WindowsPartition = windows,
        };
        return Make(
            layout, DeviceBytes.Mbr(1 << 20, Signature), DeviceBytes.Mbr(0x1F500000, Signature), ".exe",
            new MemoryVolume((@"\bootmgr", 1)),
            new MemoryVolume((@"\Windows\System32\winload.exe", 1), (@"\Windows\System32\config\SYSTEM", 1)));
    }

    private static BootDisk Make(
        WindowsLayout layout, byte[] system, byte[] windows, string extension, MemoryVolume systemVolume, MemoryVolume windowsVolume) => new()
        {
            Layout = layout,
            Volumes = new() { [layout.BootPartition!.Number] = systemVolume, [layout.WindowsPartition.Number] = windowsVolume },
            Objects = new()
            {
                [GlobalSettings] = (0x20100000, []),
                [LoaderSettings] = (0x20200003, new() { [BcdElementTypes.Inherit] = List(GlobalSettings) }),
                [Loader] = (BcdObjectTypes.OsLoader, new()
                {
                    [BcdElementTypes.ApplicationDevice] = windows,
                    [BcdElementTypes.ApplicationPath] = Text(@"\Windows\system32\winload" + extension),
                    [BcdElementTypes.Description] = Text("Windows"),
                    [BcdElementTypes.Inherit] = List(LoaderSettings),
                    [BcdElementTypes.OsDevice] = windows,
                    [BcdElementTypes.SystemRoot] = Text(@"\Windows"),
                    [BcdElementTypes.DefaultObject] = Object(Resume),
                }),
                [Resume] = (BcdObjectTypes.Resume, new()
                {
                    [BcdElementTypes.ApplicationDevice] = windows,
                    [BcdElementTypes.ApplicationPath] = Text(@"\Windows\system32\winresume" + extension),
                    [BcdElementTypes.OsDevice] = windows,
                    [BcdElementTypes.SystemRoot] = Text(@"\hiberfil.sys"),
                }),
                [BcdAliases.BootManager] = (BcdObjectTypes.BootManager, new()
                {
                    [BcdElementTypes.ApplicationDevice] = system,
                    [BcdElementTypes.Description] = Text("Windows Boot Manager"),
                    [BcdElementTypes.DefaultObject] = Object(Loader),
                    [BcdElementTypes.DisplayOrder] = List(Loader),
                }),
            },
        };
}
