using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Drivers;

/// <summary>Guests, rules and driver folders made up for tests.</summary>
internal static class SampleDrivers
{
    public static string DefaultYaml { get; } =
        File.ReadAllText(Path.Combine(Repository.Root, "src/Hyper2Kvm.PowerShell/Data/virtio-win.yaml"));

    public static DriverRules DefaultRules { get; } = RulesFrom(DefaultYaml, "virtio-win.yaml");

    public static string SampleIso { get; } = Path.Combine(Repository.Root, "tests/Fixtures/sample-virtio-win/sample-virtio-win.iso");

    public static DriverRules RulesFrom(string yaml, string name) => DriverRules.Parse(YamlToJson.Convert(yaml, name), name);

    public static WindowsLayout Guest(
        int build, bool isServer = false, GuestArchitecture architecture = GuestArchitecture.X64, string productName = "Windows")
    {
        (int major, int minor) = build switch
        {
            2600 => (5, 1),
            3790 => (5, 2),
            < 7600 => (6, 0),
            < 9200 => (6, 1),
            < 9600 => (6, 2),
            < 10240 => (6, 3),
            _ => (10, 0),
        };
        PartitionInfo partition = new() { Number = 1, Offset = 1 << 20, Size = 1 << 30, TypeId = "07", Role = PartitionRole.Windows };
        return new WindowsLayout
        {
            ImagePath = "guest.raw",
            Format = ImageFormat.Raw,
            VirtualSize = 2L << 30,
            SectorSize = 512,
            Firmware = FirmwareMode.Bios,
            PartitionStyle = PartitionStyle.Mbr,
            Partitions = [partition],
            WindowsPartition = partition,
            Windows = new WindowsVersion
            {
                ProductName = productName, Major = major, Minor = minor, Build = build, Architecture = architecture, IsServer = isServer,
            },
            WindowsRoot = @"\Windows",
            System32 = @"\Windows\System32",
            Hives = [],
            ControlSet = "ControlSet001",
            BootControlSets = ["ControlSet001"],
            ControlSets = ["ControlSet001"],
            HasDriverDatabase = build >= 9200,
            IsVirtioBootReady = false,
            BootReadyDrivers = [],
            Conditions = [],
            Warnings = [],
        };
    }

    public static VirtioDriverPlan Plan(
        string source, WindowsLayout layout, StorageBus bus = StorageBus.VirtioBlk, DriverRules? rules = null, IReporter? reporter = null,
        bool allowUnsigned = true)
    {
        using DriverSource opened = DriverSource.Open(source);
        return DriverPlanner.Plan(layout, "overlay.qcow2", opened, rules ?? DefaultRules, bus, allowUnsigned, reporter ?? SilentReporter.Instance);
    }

    /// <summary>PE headers with nothing behind them.</summary>
    public static byte[] Binary(ushort machine, bool signed = true)
    {
        byte[] bytes = new byte[0x200];
        "MZ"u8.CopyTo(bytes);
        bytes[0x3C] = 0x40;
        "PE\0\0"u8.CopyTo(bytes.AsSpan(0x40));
        bytes[0x44] = (byte)(machine & 0xFF);
        bytes[0x45] = (byte)(machine >> 8);
        bytes[0x58] = 0x0B;
        bytes[0x59] = (byte)(machine == 0x14C ? 1 : 2);
        bytes[0x58 + (machine == 0x14C ? 0x84 : 0x94)] = (byte)(signed ? 1 : 0);
        return bytes;
    }

    /// <summary>A whole package: INF, catalog, binary.</summary>
    public static void AddPackage(string root, string directory, string driver, string decoration, ushort machine)
    {
        string folder = Path.Combine(root, directory);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, driver + ".inf"), InfText(driver, decoration), Encoding.ASCII);
        File.WriteAllText(Path.Combine(folder, driver + ".cat"), "catalog");
        File.WriteAllBytes(Path.Combine(folder, driver + ".sys"), Binary(machine));
    }

    /// <summary>A tree like the ISO's with the builds of the drivers that its directories really hold.</summary>
    public static void AddIsoTree(string root, IEnumerable<string> systems, string driver = "viostor")
    {
        foreach (string system in systems)
        {
            string version = system.ToLowerInvariant() switch
            {
                "xp" => "",
                "2k3" => ".5.2",
                "2k8" => ".6.0",
                "w7" or "2k8r2" => ".6.1",
                "w8" or "2k12" => ".6.2",
                "w8.1" or "2k12r2" => ".6.3",
                "w11" or "2k25" => ".10.0...16299",
                _ => ".10.0",
            };
            foreach ((string directory, string name, ushort machine) in new[] { ("amd64", "amd64", (ushort)0x8664), ("x86", "x86", (ushort)0x14C), ("ARM64", "arm64", (ushort)0xAA64) })
            {
                bool exists = directory switch
                {
                    "amd64" => true,
                    "x86" => system is "xp" or "2k3" or "2k8" or "w7" or "w8" or "w8.1" or "w10",
                    _ => system is "w10" or "w11",
                };
                if (exists)
                {
                    AddPackage(root, $"{driver}/{system}/{directory}", driver, $"NT{name}{version}", machine);
                }
            }
        }
    }

    public static string InfText(string driver, string decoration)
    {
        (string legacy, string modern) = driver == "vioscsi" ? ("1004", "1048") : ("1001", "1042");
        return $$"""
            [Version]
            Signature="$Windows NT$"
            Class=SCSIAdapter
            ClassGUID={4D36E97B-E325-11CE-BFC1-08002BE10318}
            Provider=%Maker%
            DriverVer=01/31/2024,100.95.104.26200
            CatalogFile={{driver}}.cat
            [SourceDisksNames]
            1 = disk
            [SourceDisksFiles]
            {{driver}}.sys = 1
            [DestinationDirs]
            DefaultDestDir = 12
            [Manufacturer]
            %Maker% = Models,{{decoration}}
            [Models.{{decoration}}]
            %Device.Desc% = inst, PCI\VEN_1AF4&DEV_{{legacy}}&SUBSYS_00021AF4&REV_00, PCI\VEN_1AF4&DEV_{{legacy}}
            %Device.Desc% = inst, PCI\VEN_1AF4&DEV_{{modern}}&SUBSYS_11001AF4&REV_01, PCI\VEN_1AF4&DEV_{{modern}}
            [inst]
            CopyFiles = @{{driver}}.sys
            [inst.Services]
            AddService = {{driver}}, 2, svc, log
            [inst.HW]
            AddReg = hw
            [hw]
            HKR, "Interrupt Management",, 0x10
            [svc]
            DisplayName = %Device.Desc%
            ServiceType = 1
            StartType = 0
            ErrorControl = 1
            ServiceBinary = %12%\{{driver}}.sys
            LoadOrderGroup = SCSI miniport
            AddReg = reg
            [reg]
            HKR, Parameters, BusType, 0x00010001, 1
            [log]
            AddReg = logreg
            [logreg]
            HKR,,TypesSupported,0x00010001,7
            [Strings]
            Maker = "Makers, Inc."
            Device.Desc = "Sample controller"
            Unused = "not needed"
            """;
    }
}
