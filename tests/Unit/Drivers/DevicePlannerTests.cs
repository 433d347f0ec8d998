using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Drivers;

public sealed class DevicePlannerTests : IDisposable
{
    private const ushort X64 = 0x8664;

    private readonly TempFolder _folder = new();
    private readonly DevicePackages _source;

    public DevicePlannerTests() => _source = new DevicePackages(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_directory_of_the_guest_is_taken_and_all_files_that_the_INF_names()
    {
        _source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", X64, "1045")
            .Add("Balloon/2k22/amd64", "balloon", "NTamd64.10.0", X64, "1045")
            .Add("Balloon/2k22/x86", "balloon", "NTx86.10.0", 0x14C, "1045")
            .Add("NetKVM/w10/amd64", "netkvm", "NTamd64.10.0", X64, "1041", DevicePackages.Net);

        PlannedPackage[] packages = [.. _source.Plan(SampleDrivers.Guest(20348, isServer: true), VirtioDevice.Network, VirtioDevice.Balloon)];

        Assert.Equal([("netkvm", "NetKVM/w10/amd64"), ("balloon", "Balloon/2k22/amd64")], packages.Select(package => (package.Name, package.SourceDirectory)));
        Assert.Equal(["balloon.inf", "balloon.cat", "balloon.sys", @"helper\setup.dll"], packages[1].Files.Select(file => file.Name));
        Assert.Equal([@"PCI\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01", @"PCI\VEN_1AF4&DEV_1041"], packages[0].HardwareIds);
        Assert.Matches("^netkvm.inf_amd64_[0-9a-f]{16}$", packages[0].PackageLabel);
    }

    [Fact]
    public void Without_devices_all_that_the_source_has_for_this_Windows()
    {
        _source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", X64, "1045")
            .Add("viorng/w10/amd64", "viorng", "NTamd64.10.0", X64, "1044")
            .Add("viorng/w7/amd64", "viorng", "NTamd64.6.1", X64, "1044")
            .Add("viostor/w10/amd64", "viostor", "NTamd64.10.0", X64, "1042")
            .Add("sriov/w10/amd64", "vioprot", "NTamd64.10.0", X64, "9999");

        Assert.Equal(["viorng", "balloon"], _source.Plan(SampleDrivers.Guest(19045)).Select(package => package.Name));
    }

    /// <summary>virtio-win has fwcfg, a driver, and qemufwcfg, which only names the device: with both Windows would choose.</summary>
    [Fact]
    public void Of_two_packages_for_one_device_the_one_with_a_driver_is_taken_then_the_newer()
    {
        _source.Add("fwcfg/w10/amd64", "qemufwcfg", "NTamd64.10.0", X64, "1044", hasService: false, version: "200.0.0.0")
            .Add("fwcfg/w10/amd64", "fwcfg", "NTamd64.10.0", X64, "1044")
            .Add("fwcfg/w10/amd64", "older", "NTamd64.10.0", X64, "1044", version: "99.1.104.1");

        Assert.Equal(["fwcfg"], _source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Rng).Select(package => package.Name));
    }

    [Fact]
    public void A_folder_with_one_package_is_a_source_too()
    {
        _source.Add("", "netkvm", "NTamd64.10.0", X64, "1041", DevicePackages.Net);

        Assert.Equal("", Assert.Single(_source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Network)).SourceDirectory);
        GuestItemNotFoundException none = Assert.Throws<GuestItemNotFoundException>(
            () => _source.Plan(SampleDrivers.Guest(7601), VirtioDevice.Network));
        Assert.Equal("DriverNotInSource", none.ErrorId);
        Assert.Contains("it has: Network in 'netkvm.inf' (X64, Windows 10.0)", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_is_not_what_it_should_be_is_refused()
    {
        _source.Add("NetKVM/w10/amd64", "netkvm", "NTamd64.10.0", 0x14C, "1041", DevicePackages.Net);
        Assert.Equal("DriverArchitectureWrong", Refusal());

        File.Delete(Path.Combine(_source.Root, "NetKVM/w10/amd64/netkvm.sys"));
        Assert.Equal("DriverPackageIncomplete", Refusal());
    }

    [Fact]
    public void A_driver_that_this_Windows_does_not_load_is_refused_unless_it_is_wished()
    {
        _source.Add("NetKVM/w10/amd64", "netkvm", "NTamd64.10.0", X64, "1041", DevicePackages.Net);
        using DriverSource source = DriverSource.Open(_source.Root);

        GuestStateException refused = Assert.Throws<GuestStateException>(() => DevicePlanner.Plan(
            SampleDrivers.Guest(19045), source, SampleDrivers.DefaultRules, [VirtioDevice.Network], allowUnsigned: false, SilentReporter.Instance));

        Assert.Equal("DriverSignatureRefused", refused.ErrorId);
        Assert.DoesNotContain("0xC0000428", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(_source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Network)).SignatureObstacle);
    }

    [Fact]
    public void Files_are_taken_where_the_INF_says_that_they_lie()
    {
        _source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", X64, "1045", driver: "bin/balloon64.sys");

        PlannedPackage package = Assert.Single(_source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Balloon));
        VirtioDriver offered = DriverCatalogue.Read(_source.Root, "Balloon/w10/amd64/balloon.inf")!;

        Assert.Contains((@"bin\balloon64.sys", "Balloon/w10/amd64/bin/balloon64.sys"), package.Files.Select(file => (file.Name, file.SourcePath)));
        Assert.Contains(package.Signatures, signature => signature is { IsEmbedded: true, File: "balloon64.sys" });
        Assert.Contains(offered.Signatures, signature => signature is { IsEmbedded: true, File: "balloon64.sys" });
        Assert.Equal([GuestArchitecture.X64], offered.Architectures);
    }

    [Fact]
    public void A_package_without_a_driver_is_judged_by_its_catalog()
    {
        _source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", X64, "1045", hasService: false);
        using DriverSource source = DriverSource.Open(_source.Root);

        Assert.Equal("DriverSignatureRefused", Assert.Throws<GuestStateException>(() => DevicePlanner.Plan(
            SampleDrivers.Guest(19045), source, SampleDrivers.DefaultRules, [VirtioDevice.Balloon], allowUnsigned: false, SilentReporter.Instance)).ErrorId);
    }

    [Fact]
    public void A_damaged_INF_beside_it_does_not_stop_the_others()
    {
        _source.Add("Balloon/w10/amd64", "balloon", "NTamd64.10.0", X64, "1045");
        Directory.CreateDirectory(Path.Combine(_source.Root, "viorng/w10/amd64"));
        File.WriteAllText(Path.Combine(_source.Root, "viorng/w10/amd64/viorng.inf"), "no INF");

        Assert.Single(_source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Balloon));
        Assert.Equal("DriverNotInSource", Assert.Throws<GuestItemNotFoundException>(() => _source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Rng)).ErrorId);
    }

    [Fact]
    public void A_display_driver_of_Windows_7_serves_7_and_not_8()
    {
        _source.Add("qxl/w7/amd64", "qxl", "NTamd64", X64, "1050", DevicePackages.Display)
            .Add("NetKVM/w7/amd64", "netkvm", "NTamd64", X64, "1041", DevicePackages.Net);

        Assert.Single(_source.Plan(SampleDrivers.Guest(7601), VirtioDevice.Gpu));
        Assert.Single(_source.Plan(SampleDrivers.Guest(9600), VirtioDevice.Network));
        Assert.Throws<GuestItemNotFoundException>(() => _source.Plan(SampleDrivers.Guest(9600), VirtioDevice.Gpu));
    }

    [Fact]
    public void A_package_beyond_all_measure_is_refused()
    {
        _source.Add("NetKVM/w10/amd64", "netkvm", "NTamd64.10.0", X64, "1041", DevicePackages.Net);
        string inf = Path.Combine(_source.Root, "NetKVM/w10/amd64/netkvm.inf");
        string many = string.Concat(Enumerable.Range(0, 65).Select(n => $"%Device% = Install{n}, PCI\\VEN_1AF4&DEV_1041&REV_{n:X2}\r\n"));
        File.WriteAllText(inf, File.ReadAllText(inf).Replace("[DestinationDirs]", many + "[DestinationDirs]", StringComparison.Ordinal));

        Assert.Equal("DriverPackageTooLarge", Refusal());
    }

    /// <summary>The catalog that Microsoft signed lists the INF by its plain hash.</summary>
    [DataFact("virtio-drivers/Win10-amd64-100.85.104.20800/qemufwcfg.inf")]
    public void A_real_package_without_a_driver_has_the_signature_of_its_catalog_until_its_INF_is_changed()
    {
        const string Set = "virtio-drivers/Win10-amd64-100.85.104.20800/";
        byte[] inf = SharedData.Read(Set + "qemufwcfg.inf");
        File.WriteAllBytes(Path.Combine(_source.Root, "qemufwcfg.inf"), inf);
        File.WriteAllBytes(Path.Combine(_source.Root, "qemufwcfg.cat"), SharedData.Read(Set + "qemufwcfg.cat"));
        DriverSignature real = DriverCatalogue.Read(_source.Root, "qemufwcfg.inf")!.Signature!;
        Assert.Equal("qemufwcfg.cat", real.File);
        Assert.True(real.Kind > DriverSignatureKind.Publisher, $"{real}: {real.Problem}");

        File.WriteAllBytes(Path.Combine(_source.Root, "qemufwcfg.inf"), [.. inf, .. "; changed\r\n"u8]);
        Assert.Equal(DriverSignatureKind.Damaged, DriverCatalogue.Read(_source.Root, "qemufwcfg.inf")!.Signature!.Kind);
    }

    private string Refusal() => Assert.ThrowsAny<Hyper2KvmException>(() => _source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Network)).ErrorId;
}
