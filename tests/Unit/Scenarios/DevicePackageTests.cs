using Hyper2Kvm.Editing;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Packages that wait for Windows' own PnP, on a disk of each generation.</summary>
public sealed class DevicePackageTests
{
    /// <summary>The rows whose drivers are staged; the other processors differ in their driver folder only.</summary>
    public static TheoryData<string> Rows { get; } = [.. Generation.All.GroupBy(generation => generation.Row).Select(row => row.Last().ToString())];

    [HivexTheory]
    [MemberData(nameof(Rows))]
    public void Each_generation_gets_them_where_it_looks_and_nothing_else_changes(string name)
    {
        Generation generation = Generation.All.Single(one => one.ToString() == name);
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, generation);
        DevicePackages source = Source(folder, generation);
        WindowsLayout layout = Plans.Probe(disk);
        GuestEditRequest request = new()
        {
            Layout = layout,
            ImagePath = disk,
            InPlace = true,
            Actions = EditSteps.AddVirtioDriver(source.Root, source.Plan(layout, VirtioDevice.Network, VirtioDevice.Balloon)),
        };

        GuestEdit edit = OfflineEditJudge.Approves(request);

        string[] targets = [.. edit.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged).Select(change => change.Target)];
        if (generation.HasDriverDatabase)
        {
            string inf = Path.GetFileName(Assert.Single(targets, target => target.StartsWith(@"HKLM\DRIVERS\DriverDatabase\DeviceIds\PCI\VEN_1AF4&DEV_1041\oem", StringComparison.Ordinal)).Replace('\\', '/'));
            Assert.Contains($@"\Windows\INF\{inf}", targets);
            Assert.Contains(@"HKLM\SYSTEM\DriverDatabase\OemInfMap", targets);
            Assert.DoesNotContain(targets, target => target.Contains(@"\Services\", StringComparison.Ordinal));
        }
        else
        {
            Assert.DoesNotContain(targets, target => target.Contains("DriverStore", StringComparison.Ordinal));
        }

        Assert.Contains(@"\Windows\Drivers\VirtIO\netkvm\helper\setup.dll", targets);
        GuestChange path = Assert.Single(edit.Changes, change => change.Target.EndsWith(@"\DevicePath", StringComparison.Ordinal) && change.After!.EndsWith("balloon\"", StringComparison.Ordinal) && change.Kind != GuestChangeKind.Unchanged);
        Assert.EndsWith(@";%SystemRoot%\Drivers\VirtIO\netkvm;%SystemRoot%\Drivers\VirtIO\balloon""", path.After, StringComparison.Ordinal);
    }

    /// <summary>32-bit guests, made and real, by the eyes of ntfs-3g too.</summary>
    [HivexTheory(Windows7Guest.System)]
    [InlineData(7601, null)]
    [InlineData(9600, null)]
    [InlineData(19045, null)]
    [InlineData(7601, Windows7Guest.System)]
    public void A_32_bit_guest_gets_its_own_drivers_and_ntfs_3g_reads_them_back(int build, string? hive)
    {
        using TempFolder folder = new();
        Generation generation = new("32 bit", build, false, GuestArchitecture.X86);
        string disk = GenerationGuest.Make(folder, generation, hive is null ? null : RawHive.WithEqualSequenceNumbers(SharedData.Read(hive)));
        DevicePackages source = Source(folder, generation);
        source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", 0x8664, "1045");
        WindowsLayout layout = Plans.Probe(disk);
        IReadOnlyList<PlannedPackage> packages = source.Plan(layout, VirtioDevice.Network, VirtioDevice.Balloon);
        Assert.All(packages, package => Assert.EndsWith("/x86", package.SourceDirectory, StringComparison.Ordinal));
        GuestEditRequest request = new()
        {
            Layout = layout, ImagePath = disk, InPlace = true, Actions = EditSteps.AddVirtioDriver(source.Root, packages),
        };
        OfflineEditJudge.Approves(request);

        GuestEdit edit = Plans.Run(request);

        VolumeSnapshot after = VolumeSnapshot.Take(EditedGuest.WindowsVolume(disk, layout.WindowsPartition, folder.File("volume")));
        GuestChange[] files = [.. edit.Changes.Where(change => change.Kind == GuestChangeKind.FileAdded)];
        Assert.Contains(files, file => file.Target.EndsWith(@"helper\setup.dll", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(file.After, after.Files[file.Target]));
    }

    /// <summary>Somebody installed the drivers before the migration: Windows has them under a label of its own.</summary>
    [Fact]
    public void A_package_that_is_in_the_driver_store_already_is_not_put_there_twice()
    {
        const string Own = "balloon.inf_amd64_0123456789abcdef";
        using TempFolder folder = new();
        Generation generation = new("10", 19045, false, GuestArchitecture.X64);
        string disk = GenerationGuest.Make(folder, generation);
        DevicePackages source = Source(folder, generation);
        WindowsLayout layout = Plans.Probe(disk);
        PlannedPackage package = source.Plan(layout, VirtioDevice.Balloon)[0];
        GuestEdit first = Run(disk, package with { PackageLabel = Own });

        GuestEdit second = Run(first.ImagePath, package);

        Assert.Contains(second.Changes, change => change.Target.Contains(Own, StringComparison.Ordinal));
        Assert.All(second.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));

        GuestEdit Run(string image, PlannedPackage one) => Plans.Run(new GuestEditRequest
        {
            Layout = Plans.Probe(image), ImagePath = image, Actions = EditSteps.AddVirtioDriver(source.Root, [one]),
        });
    }

    /// <summary>What a real machine's hives hold of netkvm and balloon: ground-truth/virtio-registry-win10plus.txt.</summary>
    [HivexTheory(Windows10Guest.System)]
    [InlineData(Windows10Guest.System)]
    public void Net_goes_to_DRIVERS_and_System_to_SYSTEM_as_on_a_real_machine(string hive)
    {
        using TempFolder folder = new();
        Generation generation = new("10", 18363, false, GuestArchitecture.X64);
        string disk = GenerationGuest.Make(folder, generation, RawHive.WithEqualSequenceNumbers(SharedData.Read(hive)));
        DevicePackages source = Source(folder, generation);
        WindowsLayout layout = Plans.Probe(disk);
        IReadOnlyList<PlannedPackage> packages = source.Plan(layout, VirtioDevice.Network, VirtioDevice.Balloon);
        GuestEdit edit = OfflineEditJudge.Approves(new GuestEditRequest
        {
            Layout = layout, ImagePath = disk, InPlace = true, Actions = EditSteps.AddVirtioDriver(source.Root, packages),
        });

        // Twelve OEM packages are numbered there, some of them in the DRIVERS hive only.
        string[] added = [.. edit.Changes.Where(change => change.Kind == GuestChangeKind.ValueAdded).Select(change => change.Target)];
        Assert.Equal(
            [
                @"DeviceIds\PCI\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01\oem12.inf", @"DeviceIds\PCI\VEN_1AF4&DEV_1041\oem12.inf",
                @"DeviceIds\{4d36e972-e325-11ce-bfc1-08002be10318}\oem12.inf", @"DriverInfFiles\oem12.inf\(Default)", @"DriverInfFiles\oem12.inf\Active",
                .. Values(packages[0]),
            ],
            In(added, "DRIVERS"));
        Assert.Equal(
            [
                @"DeviceIds\PCI\VEN_1AF4&DEV_1045&SUBSYS_11001AF4&REV_01\oem13.inf", @"DeviceIds\PCI\VEN_1AF4&DEV_1045\oem13.inf",
                @"DeviceIds\{4d36e97d-e325-11ce-bfc1-08002be10318}\oem13.inf", @"DriverInfFiles\oem13.inf\(Default)", @"DriverInfFiles\oem13.inf\Active",
                .. Values(packages[1]),
            ],
            In(added, "SYSTEM"));
    }

    [DataFact("virtio-drivers/Win7-amd64/netkvm.inf")]
    public void The_packages_of_red_hat_for_Windows_7() => Judge(7601, "w7", "Win7-amd64", "WdfCoInstaller01009.dll");

    [DataFact("virtio-drivers/Win8.1-amd64/netkvm.inf")]
    public void The_packages_of_red_hat_for_Windows_8_1() => Judge(9600, "w8.1", "Win8.1-amd64", null);

    /// <summary>Real INFs and catalogs: they are read with all that they name.</summary>
    private static void Judge(int build, string os, string set, string? coInstaller)
    {
        using TempFolder folder = new();
        DevicePackages source = new DevicePackages(folder)
            .AddReal($"NetKVM/{os}/amd64", $"{set}/netkvm.inf", 0x8664, "netkvm.sys")
            .AddReal($"Balloon/{os}/amd64", $"{set}/balloon.inf", 0x8664, ["balloon.sys", .. Named(coInstaller)])
            .AddReal($"vioserial/{os}/amd64", $"{set}/vioser.inf", 0x8664, ["vioser.sys", .. Named(coInstaller)]);

        IReadOnlyList<PlannedPackage> packages = source.Plan(Drivers.SampleDrivers.Guest(build));

        Assert.Equal([VirtioDevice.Network, VirtioDevice.Serial, VirtioDevice.Balloon], packages.Select(package => package.Device));
        Assert.All(packages, package => Assert.NotNull(package.CatalogName));
        Assert.Equal(["netkvm.cat", "netkvm.inf", "netkvm.sys"], packages[0].Files.Select(file => file.Name.ToLowerInvariant()).Order(StringComparer.Ordinal));
        Assert.All(packages.Skip(1), package => Assert.Equal(
            coInstaller, package.Files.FirstOrDefault(file => file.Name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))?.Name));
    }

    private static string[] Named(string? file) => file is null ? [] : [file];

    private static string[] In(string[] targets, string hive)
    {
        string prefix = $@"HKLM\{hive}\DriverDatabase\";
        return [.. targets.Where(target => target.StartsWith(prefix, StringComparison.Ordinal)).Select(target => target[prefix.Length..]).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Values(PlannedPackage package) =>
        ((string[])["(Default)", "Catalog", "ImportDate", "InfName", "OemPath", "Provider", "SignerScore", "StatusFlags", "Version"])
            .Select(value => $@"DriverPackages\{package.PackageLabel}\{value}");

    private static DevicePackages Source(TempFolder folder, Generation generation)
    {
        string architecture = generation.Architecture switch
        {
            GuestArchitecture.X86 => "x86",
            GuestArchitecture.X64 => "amd64",
            _ => "arm64",
        };
        string decoration = generation.Version.Major == 5 && generation.Architecture == GuestArchitecture.X86
            ? "NTx86"
            : $"NT{architecture}.{generation.Version}";
        string os = generation.Build switch
        {
            2600 => "xp", 3790 => "2k3", < 7600 => "2k8", < 9200 => "w7", < 9600 => "w8", < 10240 => "w8.1", >= 22000 => "w11", _ => "w10",
        };
        return new DevicePackages(folder)
            .Add($"NetKVM/{os}/{architecture}", "netkvm", decoration, generation.Machine, "1041", DevicePackages.Net)
            .Add($"Balloon/{os}/{architecture}", "balloon", decoration, generation.Machine, "1045");
    }
}
