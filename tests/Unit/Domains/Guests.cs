using Hyper2Kvm.Domains;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Unit.Domains;

/// <summary>Guests as data: every generation of Windows that a domain is written for.</summary>
internal static class Guests
{
    public static WindowsVersion Version(
        int major, int minor, int build, bool isServer = false, GuestArchitecture architecture = GuestArchitecture.X64) => new()
        {
            ProductName = $"Windows {major}.{minor}",
            Major = major,
            Minor = minor,
            Build = build,
            IsServer = isServer,
            Architecture = architecture,
        };

    /// <summary>libosinfo id (last part) and version.</summary>
    public static IReadOnlyList<(string OsInfo, WindowsVersion Version)> All { get; } =
    [
        ("xp", Version(5, 1, 2600, architecture: GuestArchitecture.X86)),
        ("2k3", Version(5, 2, 3790, isServer: true)),
        ("vista", Version(6, 0, 6002, architecture: GuestArchitecture.X86)),
        ("2k8", Version(6, 0, 6003, isServer: true)),
        ("7", Version(6, 1, 7601)),
        ("2k8r2", Version(6, 1, 7601, isServer: true)),
        ("8", Version(6, 2, 9200)),
        ("2k12", Version(6, 2, 9200, isServer: true)),
        ("8.1", Version(6, 3, 9600)),
        ("2k12r2", Version(6, 3, 9600, isServer: true)),
        ("10", Version(10, 0, 19045)),
        ("2k16", Version(10, 0, 14393, isServer: true)),
        ("2k16", Version(10, 0, 17134, isServer: true)),
        ("2k19", Version(10, 0, 17763, isServer: true)),
        ("2k22", Version(10, 0, 20348, isServer: true)),
        ("11", Version(10, 0, 22631)),
        ("2k25", Version(10, 0, 26100, isServer: true)),
    ];

    public static WindowsLayout Layout(WindowsVersion windows, FirmwareMode firmware = FirmwareMode.Bios)
    {
        PartitionInfo partition = new()
        {
            Number = 1, Offset = 1 << 20, Size = 40L << 30, TypeId = "0x07", IsActive = true, Role = PartitionRole.Windows,
        };
        return new WindowsLayout
        {
            ImagePath = "/images/web01.vmdk",
            Format = ImageFormat.Vmdk,
            VirtualSize = 40L << 30,
            SectorSize = 512,
            Firmware = firmware,
            PartitionStyle = firmware == FirmwareMode.Uefi ? PartitionStyle.Gpt : PartitionStyle.Mbr,
            DiskId = firmware == FirmwareMode.Uefi ? new Guid("d148fb7c-be81-4d12-8dcf-62260299abde") : null,
            DiskSignature = firmware == FirmwareMode.Bios ? 0xDF4546AE : null,
            Partitions = [partition],
            WindowsPartition = partition,
            BootPartition = partition,
            Windows = windows,
            WindowsRoot = @"\Windows",
            System32 = @"\Windows\System32",
            Hives = [],
            ControlSet = "ControlSet001",
            BootControlSets = ["ControlSet001"],
            ControlSets = ["ControlSet001"],
            HasDriverDatabase = windows.Build >= 9200,
            HostName = "WEB01",
            IsVirtioBootReady = false,
            BootReadyDrivers = [],
            Conditions = [],
            Warnings = [],
        };
    }

    public static DomainRequest Request(
        WindowsLayout layout, DomainPhase phase = DomainPhase.Bootstrap, StorageBus bus = StorageBus.VirtioBlk) => new()
        {
            Layout = layout,
            Phase = phase,
            ImagePath = "/var/lib/libvirt/images/web01.kvm.qcow2",
            DiskFormat = "qcow2",
            Identity = DomainIdentity.From(layout),
            Bus = bus,
            DriverIso = "/var/lib/libvirt/images/virtio-win.iso",
            DummyDiskPath = "/var/lib/libvirt/images/web01.dummy.raw",
        };
}
