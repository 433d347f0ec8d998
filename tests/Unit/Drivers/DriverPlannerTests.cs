using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Drivers;

public sealed class DriverPlannerTests
{
    private static readonly string[] s_allSystems =
        ["xp", "2k3", "2k8", "w7", "2k8R2", "w8", "2k12", "w8.1", "2k12R2", "w10", "2k16", "2k19", "2k22", "w11", "2k25"];

    /// <summary>Every Windows, and where its driver comes from: first with everything there, then with what is missing.</summary>
    [Fact]
    public void Each_windows_gets_the_directory_that_is_meant_for_it()
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, s_allSystems);
        (int Build, bool IsServer, string Directory)[] expected =
        [
            (3790, true, "2k3"), (6002, false, "2k8"), (6003, true, "2k8"), (7600, false, "w7"), (7601, true, "2k8R2"),
            (9200, false, "w8"), (9200, true, "2k12"), (9600, false, "w8.1"), (9600, true, "2k12R2"),
            (10240, false, "w10"), (10586, false, "w10"), (14393, false, "w10"), (14393, true, "2k16"),
            (15063, false, "w10"), (16299, false, "w10"), (16299, true, "2k16"), (17134, false, "w10"), (17134, true, "2k16"),
            (17763, false, "w10"), (17763, true, "2k19"), (18362, false, "w10"), (18363, true, "2k19"), (19042, true, "2k19"),
            (19041, false, "w10"), (19045, false, "w10"), (20348, true, "2k22"), (22000, false, "w11"), (22621, false, "w11"),
            (22631, false, "w11"), (25398, true, "2k22"), (26100, false, "w11"), (26100, true, "2k25"), (26200, false, "w11"), (27000, true, "2k25"),
        ];
        foreach ((int build, bool isServer, string directory) in expected)
        {
            VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(build, isServer, productName: "Windows 10 Pro"));
            Assert.Equal((build, $"viostor/{directory}/amd64"), (build, plan.Storage[0].SourceDirectory));
            Assert.DoesNotContain("(", plan.MatchedRule, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2600, "xp")]
    [InlineData(3790, "2k3")]
    [InlineData(6002, "2k8")]
    [InlineData(7601, "w7")]
    [InlineData(9200, "w8")]
    [InlineData(9600, "w8.1")]
    [InlineData(19045, "w10")]
    public void A_32_bit_windows_gets_32_bit_drivers(int build, string directory)
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, s_allSystems);

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(build, build == 3790, GuestArchitecture.X86));

        Assert.Equal($"viostor/{directory}/x86", plan.Storage[0].SourceDirectory);
        Assert.StartsWith("viostor.inf_x86_", plan.Storage[0].PackageLabel, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19045, "w10,w11", "viostor/w10/ARM64")]
    [InlineData(22631, "w10,w11", "viostor/w11/ARM64")]
    [InlineData(22631, "w10", "viostor/w10/ARM64")]
    [InlineData(19045, "w11", null)]
    public void An_arm_windows_gets_arm_drivers_or_none(int build, string systems, string? directory)
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, systems.Split(','));

        Assert.Equal(directory, Planned(folder, SampleDrivers.Guest(build, false, GuestArchitecture.Arm64)));
    }

    [Theory]
    [InlineData(19045, false, "2k19,w11,2k25", "viostor/2k19/amd64")]
    [InlineData(14393, true, "w10,w11", "viostor/w10/amd64")]
    [InlineData(17763, true, "2k16,2k22,2k25", "viostor/2k16/amd64")]
    [InlineData(20348, true, "2k19,2k25,w11", "viostor/2k19/amd64")]
    [InlineData(22631, false, "w10,2k25", "viostor/2k25/amd64")]
    [InlineData(26100, true, "w10,2k22", "viostor/2k22/amd64")]
    [InlineData(9600, false, "2k12R2,w10", "viostor/2k12R2/amd64")]
    [InlineData(9600, true, "w7,w10", "viostor/w7/amd64")]
    [InlineData(9200, true, "w8,w8.1", "viostor/w8/amd64")]
    [InlineData(7601, true, "w7,w8", "viostor/w7/amd64")]
    // Never a driver for a newer Windows.
    [InlineData(7601, false, "w8,w8.1,w10,w11", null)]
    [InlineData(9200, false, "w8.1,2k12R2,w10", null)]
    [InlineData(9600, false, "w10,2k16,w11", null)]
    [InlineData(19045, false, "w11,2k25", null)]
    [InlineData(20348, true, "w11,2k25", null)]
    [InlineData(2600, false, "2k3,2k8,w7", null)]
    public void A_missing_directory_falls_back_to_the_same_or_an_older_build(int build, bool isServer, string systems, string? directory)
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, systems.Split(','));

        Assert.Equal(directory, Planned(folder, SampleDrivers.Guest(build, isServer, build == 2600 ? GuestArchitecture.X86 : GuestArchitecture.X64)));
    }

    private static string? Planned(TempFolder folder, WindowsLayout guest)
    {
        try
        {
            VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, guest);
            return plan.Storage[0].SourceDirectory;
        }
        catch (GuestItemNotFoundException exception)
        {
            Assert.Equal("DriverNotInSource", exception.ErrorId);
            return null;
        }
    }

    [Fact]
    public void A_driver_that_is_not_there_is_named_with_the_places_looked_at()
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, ["w7"]);

        GuestItemNotFoundException error =
            Assert.Throws<GuestItemNotFoundException>(() => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(20348, true)));

        Assert.Equal("DriverNotInSource", error.ErrorId);
        Assert.Contains("viostor.inf in {driver}/{os}/{arch}", error.Message, StringComparison.Ordinal);
        Assert.Contains("os = 2k22, Win2022", error.Message, StringComparison.Ordinal);
        Assert.Contains("arch = amd64", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_windows_that_no_rule_knows_is_an_error()
    {
        using TempFolder folder = new();

        Assert.Equal(
            "DriverRuleNotFound",
            Assert.Throws<GuestItemNotFoundException>(() => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(5000))).ErrorId);
    }

    [Theory]
    [InlineData("viostor/2k22/amd64")]
    [InlineData("VIOSTOR/2K22/AMD64")]
    [InlineData("drivers/by-driver/viostor/2k22/amd64")]
    [InlineData("by-driver/viostor/2k22/amd64")]
    [InlineData("drivers/by-os/amd64/2k22")]
    [InlineData("by-os/amd64/2k22")]
    [InlineData("drivers/amd64/Win2022")]
    [InlineData("amd64/2k22")]
    public void All_known_layouts_are_found(string directory)
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, directory, "viostor", "NTamd64.10.0", 0x8664);

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(20348, true));

        Assert.Equal(directory, plan.Storage[0].SourceDirectory, ignoreCase: true);
    }

    [Fact]
    public void The_sample_iso_gives_both_drivers_with_the_wanted_bus_first()
    {
        VirtioDriverPlan blk = SampleDrivers.Plan(SampleDrivers.SampleIso, SampleDrivers.Guest(20348, true));
        VirtioDriverPlan scsi = SampleDrivers.Plan(SampleDrivers.SampleIso, SampleDrivers.Guest(20348, true), StorageBus.VirtioScsi);

        Assert.Equal(["viostor", "vioscsi"], blk.Storage.Select(driver => driver.Name));
        Assert.Equal(["vioscsi", "viostor"], scsi.Storage.Select(driver => driver.Name));
        Assert.Equal((StorageBus.VirtioScsi, "2k22", SampleDrivers.SampleIso), (scsi.Bus, scsi.MatchedRule, scsi.Source));
        Assert.Equal("overlay.qcow2", blk.ImagePath);
        PlannedDriver viostor = blk.Storage[0];
        Assert.Equal(["viostor.inf", "viostor.cat", "viostor.sys"], viostor.Files.Select(file => file.Name));
        Assert.Equal(viostor.PackageLabel, scsi.Storage[1].PackageLabel);
        Assert.Matches("^viostor\\.inf_amd64_[0-9a-f]{16}$", viostor.PackageLabel);
        Assert.Equal(13, SampleDrivers.Plan(SampleDrivers.SampleIso, SampleDrivers.Guest(26100)).Storage[0].Service.BinaryDirId);
    }

    [Fact]
    public void Everything_that_the_inf_says_is_in_the_plan()
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045));

        PlannedDriver driver = Assert.Single(plan.Storage);
        Assert.Equal(("viostor", DriverRole.Storage, GuestArchitecture.X64), (driver.Name, driver.Role, driver.Architecture));
        Assert.Equal(("100.95.104.26200", new DateOnly(2024, 1, 31), "Makers, Inc."), (driver.Version, driver.Date, driver.Provider));
        Assert.Equal(("SCSIAdapter", "viostor.inf", "viostor.cat"), (driver.ClassName, driver.InfName, driver.CatalogName));
        Assert.Equal(("inst", "%Maker%"), (driver.InstallSection, driver.Manufacturer));
        Assert.Equal(
            [
                @"PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00", @"PCI\VEN_1AF4&DEV_1001",
                @"PCI\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01", @"PCI\VEN_1AF4&DEV_1042",
            ],
            driver.HardwareIds);
        Assert.Equal(2, driver.Strings.Count);
        Assert.Equal(("Makers, Inc.", "Sample controller"), (driver.Strings["maker"], driver.Strings["device.desc"]));
        PlannedService service = driver.Service;
        Assert.Equal(("viostor", "Sample controller", 1, 0, 1), (service.Name, service.DisplayName, service.Type, service.Start, service.ErrorControl));
        Assert.Equal("%Device.Desc%", service.DisplayNameToken);
        Assert.Equal(("SCSI miniport", "viostor.sys", 12, "viostor"), (service.Group, service.BinaryName, service.BinaryDirId, service.EventLogName));
        PlannedRegistryValue value = Assert.Single(service.Registry);
        Assert.Equal(("Parameters", "BusType", 4), (value.Key, value.Name, value.Type));
        Assert.Equal([1, 0, 0, 0], value.Data);
        Assert.Equal(("Interrupt Management", null), (driver.DeviceRegistry[0].Key, driver.DeviceRegistry[0].Name));
        Assert.Equal("TypesSupported", Assert.Single(service.EventLogRegistry).Name);
        PlannedFile catalog = driver.Files[1];
        Assert.Equal(("viostor/w10/amd64/viostor.cat", 7L), (catalog.SourcePath, catalog.Length));
        Assert.Equal(Convert.ToHexString(global::System.Security.Cryptography.SHA256.HashData("catalog"u8)).ToLowerInvariant(), catalog.Sha256);
        Assert.Contains("no driver for virtio-scsi", Assert.Single(plan.Warnings, warning => warning.Contains("virtio-scsi", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_label_depends_on_names_and_bytes_only()
    {
        using TempFolder one = new();
        using TempFolder other = new();
        SampleDrivers.AddPackage(one.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);
        SampleDrivers.AddPackage(other.Path, "VIOSTOR/2k19/amd64", "viostor", "NTamd64.10.0", 0x8664);
        string Label(TempFolder folder) => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045)).Storage[0].PackageLabel;

        PlannedFile[] files = [new("A.sys", "x/A.sys", 1, "aa"), new("b.inf", "x/b.inf", 1, "bb")];
        Assert.Equal(PackageHash.OfPackage(files), PackageHash.OfPackage(files.Reverse().Select(file => file with { Name = file.Name.ToUpperInvariant() })));

        string label = Label(one);
        Assert.Equal(label, Label(other));
        File.AppendAllText(other.File("VIOSTOR/2k19/amd64/viostor.cat"), ".");
        Assert.NotEqual(label, Label(other));
    }

    [Theory]
    [InlineData("{4D36E97B", "{4D36E967", "class {4d36e97b")]
    [InlineData("AddService = viostor", "AddService = vioscsi", "service 'viostor', found 'vioscsi'")]
    [InlineData("viostor, 2, svc", "viostor, 0, svc", "service 'viostor', found none")]
    [InlineData("StartType = 0", "StartType = 3", "StartType 0 (boot), found 3")]
    [InlineData("ServiceType = 1", "ServiceType = 2", "ServiceType 1")]
    [InlineData("VEN_1AF4", "VEN_1AF5", @"a model for PCI\VEN_1AF4&DEV_1001")]
    [InlineData("NTamd64.10.0", "NTx86.10.0", "none for this Windows (the INF has Models, NTx86.10.0)")]
    [InlineData("NTamd64.10.0", "NTamd64.10.0...30000", "none for this Windows")]
    [InlineData("DEV_1042", "DEV_1042\n%Device.Desc% = other, PCI\\VEN_1AF4&DEV_1001&X", "one install section")]
    public void A_package_that_contradicts_the_rules_is_refused(string truth, string lie, string told)
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);
        string text = SampleDrivers.InfText("viostor", "NTamd64.10.0");
        Assert.Contains(truth, text, StringComparison.Ordinal);
        File.WriteAllText(folder.File("viostor/w10/amd64/viostor.inf"), text.Replace(truth, lie, StringComparison.Ordinal), Encoding.ASCII);

        GuestStateException error = Assert.Throws<GuestStateException>(() => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045)));

        Assert.Equal("InfContradictsRules", error.ErrorId);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_binary_must_be_there_and_for_the_right_machine()
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x14C);
        string binary = folder.File("viostor/w10/amd64/viostor.sys");
        Hyper2KvmException Error() => Assert.ThrowsAny<Hyper2KvmException>(() => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045)));

        Assert.Contains("machine 0x8664), found machine 0x014C", Error().Message, StringComparison.Ordinal);
        byte[] good = SampleDrivers.Binary(0x8664);
        for (int length = 0; length < 0xF0; length += 7)
        {
            File.WriteAllBytes(binary, good[..length]);
            Assert.Equal("DriverBinaryDamaged", Error().ErrorId);
        }

        good[0x3F] = 0xFF;
        File.WriteAllBytes(binary, good);
        Assert.Equal("DriverBinaryDamaged", Error().ErrorId);
        File.Delete(binary);
        Assert.Equal("InfContradictsRules", Error().ErrorId);
        Assert.Contains("'viostor.sys'", Error().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unsigned_binaries_missing_catalogs_and_legacy_only_drivers_are_warned_of()
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);
        File.WriteAllBytes(folder.File("viostor/w10/amd64/viostor.sys"), SampleDrivers.Binary(0x8664, signed: false));
        File.Delete(folder.File("viostor/w10/amd64/viostor.cat"));
        string inf = SampleDrivers.InfText("viostor", "NTamd64.10.0").Replace("DEV_1042", "DEV_9999", StringComparison.Ordinal);
        File.WriteAllText(folder.File("viostor/w10/amd64/viostor.inf"), inf, Encoding.ASCII);

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045));

        Assert.Null(plan.Storage[0].CatalogName);
        Assert.True(plan.AllowsUnsignedDrivers);
        Assert.Contains("no signature", plan.Storage[0].SignatureObstacle, StringComparison.Ordinal);
        Assert.Contains(plan.Warnings, warning => warning.Contains("0xC0000428", StringComparison.Ordinal));
        Assert.Contains(plan.Warnings, warning => warning.Contains("viostor.cat", StringComparison.Ordinal));
        Assert.Contains(plan.Warnings, warning => warning.Contains(@"does not serve PCI\VEN_1AF4&DEV_1042", StringComparison.Ordinal));
    }

    [Fact]
    public void A_driver_that_this_windows_does_not_load_is_refused_and_32_bit_takes_it()
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, ["w10"]);

        GuestStateException refused = Assert.Throws<GuestStateException>(
            () => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045), allowUnsigned: false));

        Assert.Equal("DriverSignatureRefused", refused.ErrorId);
        Assert.Contains("-AllowUnsignedDriver", refused.Remedy, StringComparison.Ordinal);
        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045, false, GuestArchitecture.X86), allowUnsigned: false);
        Assert.Null(plan.Storage[0].SignatureObstacle);
    }

    /// <summary>A maker's own signature, made by a foreign tool; the boot store decides, and the user is told what it hangs on.</summary>
    [OracleFact("osslsigncode", "openssl", "python3")]
    public void A_test_signed_driver_is_taken_where_test_signing_is_on()
    {
        using TempFolder folder = new();
        SampleDrivers.AddIsoTree(folder.Path, ["w10"]);
        string driver = folder.File("viostor/w10/amd64/viostor.sys");
        ForeignTool.RunOk("python3", Path.Combine(Repository.Root, "tests", "Fixtures", "tools", "pe.py"), folder.File("plain.sys"), "x64");
        ForeignTool.RunOk("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Sample Maker",
            "-keyout", folder.File("maker.key"), "-out", folder.File("maker.pem"));
        File.Delete(driver);
        ForeignTool.RunOk("osslsigncode", "sign", "-certs", folder.File("maker.pem"), "-key", folder.File("maker.key"), "-h", "sha256",
            "-in", folder.File("plain.sys"), "-out", driver);
        WindowsLayout guest = SampleDrivers.Guest(19045);

        Assert.Equal("DriverSignatureRefused", Assert.Throws<GuestStateException>(() => SampleDrivers.Plan(folder.Path, guest, allowUnsigned: false)).ErrorId);

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, guest with { TestSigning = true }, allowUnsigned: false);
        Assert.Null(plan.Storage[0].SignatureObstacle);
        Assert.Contains(plan.Warnings, warning => warning.Contains("'Sample Maker'", StringComparison.Ordinal) && warning.Contains("testsigning on", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("viostor.sys = 1", "viostor.sys = 1,deep", "InfSourceSubdirectory")]
    [InlineData("CopyFiles = @viostor.sys", "CopyFiles = DefaultDestDir", "InfPathInvalid")]
    public void What_cannot_be_planned_is_refused_by_name(string truth, string other, string errorId)
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);
        string text = SampleDrivers.InfText("viostor", "NTamd64.10.0").Replace(truth, other, StringComparison.Ordinal)
            + "\n[DefaultDestDir]\n..\\viostor.sys\n";
        File.WriteAllText(folder.File("viostor/w10/amd64/viostor.inf"), text, Encoding.ASCII);

        Assert.Equal(errorId, Assert.ThrowsAny<Hyper2KvmException>(() => SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045))).ErrorId);
    }

    [Fact]
    public void A_users_vendor_driver_goes_before_the_default_one()
    {
        using TempFolder folder = new();
        SampleDrivers.AddPackage(folder.Path, "viostor/w10/amd64", "viostor", "NTamd64.10.0", 0x8664);
        SampleDrivers.AddPackage(folder.Path, "cloud/ten/amd64", "cloudstor", "NTamd64.10.0", 0x8664);
        string inf = SampleDrivers.InfText("cloudstor", "NTamd64.10.0").Replace("VEN_1AF4", "VEN_CAFE", StringComparison.Ordinal);
        File.WriteAllText(folder.File("cloud/ten/amd64/cloudstor.inf"), inf, Encoding.ASCII);
        DriverRules rules = SampleDrivers.DefaultRules.Extend(SampleDrivers.RulesFrom(
            """
            version: 1
            drivers:
              - name: cloudstor
                role: storage
                bus: virtio-blk
                directories: [cloud]
                inf: cloudstor.inf
                service: cloudstor
                classGuid: 4d36e97b-e325-11ce-bfc1-08002be10318
                ids: [PCI\VEN_CAFE&DEV_1001]
            rules:
              - {name: cloud, builds: {from: 19045, to: 19045}, product: client, architectures: [x64], directories: [w10, ten]}
            """,
            "cloud.yaml"));

        VirtioDriverPlan plan = SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19045), rules: rules);

        Assert.Equal(("cloudstor", "cloud (cloud/ten/amd64)"), (plan.Storage[0].Name, plan.MatchedRule));
        Assert.Equal("viostor", SampleDrivers.Plan(folder.Path, SampleDrivers.Guest(19044), rules: rules).Storage[0].Name);
    }

    [DataFact(
        "virtio-drivers/inf-100.101.104.28500/viostor_w11.inf", "virtio-drivers/inf-100.101.104.28500/vioscsi_2k19.inf",
        "virtio-drivers/Wxp-x86/viostor.inf", "virtio-drivers/Win7-amd64/viostor.inf")]
    public void Real_infs_are_planned()
    {
        using TempFolder folder = new();
        (string File, string Directory, string Driver, ushort Machine, WindowsLayout Guest, StorageBus Bus, int DirId)[] rows =
        [
            ("inf-100.101.104.28500/viostor_w11.inf", "viostor/w11/amd64", "viostor", 0x8664, SampleDrivers.Guest(26100), StorageBus.VirtioBlk, 13),
            ("inf-100.101.104.28500/vioscsi_2k19.inf", "vioscsi/2k19/amd64", "vioscsi", 0x8664, SampleDrivers.Guest(17763, true), StorageBus.VirtioScsi, 12),
            ("Wxp-x86/viostor.inf", "viostor/xp/x86", "viostor", 0x14C, SampleDrivers.Guest(2600, false, GuestArchitecture.X86), StorageBus.VirtioBlk, 12),
            ("Win7-amd64/viostor.inf", "viostor/2k8R2/amd64", "viostor", 0x8664, SampleDrivers.Guest(7601, true), StorageBus.VirtioBlk, 12),
        ];
        foreach (var row in rows)
        {
            SampleDrivers.AddPackage(folder.Path, row.Directory, row.Driver, "NTx86", row.Machine);
            File.WriteAllBytes(folder.File($"{row.Directory}/{row.Driver}.inf"), SharedData.Read("virtio-drivers/" + row.File));

            PlannedDriver driver = SampleDrivers.Plan(folder.Path, row.Guest, row.Bus).Storage[0];

            Assert.Equal((row.Driver, row.DirId, "Red Hat, Inc."), (driver.Service.Name, driver.Service.BinaryDirId, driver.Provider));
            Assert.Contains("Red Hat, Inc.", driver.Strings.Values);
        }
    }

    [DataFact("virtio-drivers/virtio-win-iso-list.txt")]
    public void The_real_isos_directories_serve_every_windows_that_it_is_made_for()
    {
        string[] systems = [.. File.ReadLines(SharedData.PathOf("virtio-drivers/virtio-win-iso-list.txt"))
            .Where(line => line.StartsWith("cd/viostor/", StringComparison.Ordinal) && line.EndsWith("/amd64/viostor.inf", StringComparison.Ordinal))
            .Select(line => line.Split('/')[2])];
        Assert.Equal(s_allSystems.Except(["xp", "2k3", "2k8"]).Order(), systems.Order());
    }
}
