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

    private string Refusal() => Assert.ThrowsAny<Hyper2KvmException>(() => _source.Plan(SampleDrivers.Guest(19045), VirtioDevice.Network)).ErrorId;
}
