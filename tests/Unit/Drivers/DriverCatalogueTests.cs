using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Drivers;

public sealed class DriverCatalogueTests
{
    [DataFact("virtio-drivers/Wxp-x86/netkvm.inf", "virtio-drivers/Win7-amd64/vioser.inf", "virtio-drivers/Win8.1-amd64/balloon.inf")]
    public void The_packages_that_red_hat_shipped_are_told_by_their_ids()
    {
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(SharedData.PathOf("virtio-drivers/Wxp-x86/netkvm.inf")))!;
        VirtioDriver[] drivers = [.. DriverCatalogue.FindInfs(folder).Select(inf => DriverCatalogue.Read(folder, inf)).OfType<VirtioDriver>()];

        VirtioDriver Of(string path) => Assert.Single(drivers, driver => driver.InfPath == path);
        Assert.Equal((VirtioDevice.Network, "Net"), (Of("Wxp-x86/netkvm.inf").Device, Of("Wxp-x86/netkvm.inf").ClassName));
        Assert.Equal([GuestArchitecture.X86], Of("Wxp-x86/netkvm.inf").Architectures);
        Assert.Equal(VirtioDevice.Serial, Of("Win7-amd64/vioser.inf").Device);
        Assert.Equal([GuestArchitecture.X64], Of("Win7-amd64/vioser.inf").Architectures);
        Assert.Equal(VirtioDevice.Balloon, Of("Win8.1-amd64/balloon.inf").Device);
        Assert.Equal(VirtioDevice.Scsi, Of("inf-100.101.104.28500/vioscsi_2k19.inf").Device);
        Assert.Equal(["10.0.16299"], Of("inf-100.101.104.28500/viostor_w11.inf").Systems);
        Assert.Equal(VirtioDevice.FirmwareConfig, Of("Win10-amd64-100.85.104.20800/qemufwcfg.inf").Device);
        Assert.Null(Of("Win7-amd64/vioser.inf").Signature);
    }

    [Theory]
    [InlineData(@"PCI\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01", VirtioDevice.Network)]
    [InlineData(@"PCI\VEN_1AF4&DEV_105A", VirtioDevice.FileSystem)]
    [InlineData(@"pci\ven_1af4&dev_1052", VirtioDevice.Input)]
    [InlineData(@"PCI\VEN_1AF4&DEV_1050", VirtioDevice.Gpu)]
    [InlineData(@"PCI\VEN_1AF4&DEV_104", VirtioDevice.Other)]
    [InlineData(@"PCI\VEN_8086&DEV_1041", VirtioDevice.Other)]
    public void A_device_is_told_by_its_id(string id, VirtioDevice device) => Assert.Equal(device, DeviceIds.DeviceOf([id]));

    /// <summary>None is dropped unsaid.</summary>
    [Theory]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void An_INF_for_more_systems_than_there_are_is_refused(int count, bool refused)
    {
        using TempFolder folder = new();
        string[] decorations = [.. Enumerable.Range(16299, count).Select(build => $"NTamd64.10.0...{build}")];
        string models = string.Concat(decorations.Skip(1).Select(
            decoration => $"[Models.{decoration}]\n%Device.Desc% = inst, PCI\\VEN_1AF4&DEV_1001\n"));
        string text = SampleDrivers.InfText("viostor", decorations[0]).Replace($"Models,{decorations[0]}", $"Models,{string.Join(',', decorations)}", StringComparison.Ordinal)
            .Replace("[inst]", models + "[inst]", StringComparison.Ordinal);
        File.WriteAllText(folder.File("viostor.inf"), text);

        if (refused)
        {
            Assert.Equal("InfTooLarge", Assert.Throws<DiskFormatException>(() => DriverCatalogue.Read(folder.Path, "viostor.inf")).ErrorId);
        }
        else
        {
            Assert.Equal(count, DriverCatalogue.Read(folder.Path, "viostor.inf")!.Systems.Count);
        }
    }

    [Fact]
    public void A_folder_deeper_than_any_driver_source_is_refused()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("h2kv-deep-");
        try
        {
            Directory.CreateDirectory(Path.Combine([root.FullName, .. Enumerable.Repeat("d", 13)]));
            Assert.Equal("DriverSourceTooLarge", Assert.Throws<GuestStateException>(() => DriverCatalogue.FindInfs(root.FullName)).ErrorId);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
