using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Real INFs and catalogs of other driver generations, on guests of our own.</summary>
public class RealDriverTests
{
    private const string Windows7 = "virtio-drivers/Win7-amd64/viostor.inf";
    private const string Windows11 = "virtio-drivers/inf-100.101.104.28500/viostor_w11.inf";

    [GuestFact(Windows7)]
    public void Windows_7_x64_with_the_drivers_of_its_time()
    {
        using TempFolder folder = new();
        string disk = folder.File("windows7.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", Fixtures.Windows7Disk, disk);
        DriverFolder drivers = new DriverFolder(folder, "w7", "amd64", "x64")
            .Add("viostor", "Win7-amd64/viostor.inf", "Win7-amd64/viostor.cat")
            .Add("vioscsi", "Win7-amd64/vioscsi.inf", "Win7-amd64/vioscsi.cat");

        EditedGuest guest = new(folder, disk, drivers.Path);

        EditJudge.Approves(guest);
        Assert.Equal(["viostor", "vioscsi"], guest.Edit.Layout.BootReadyDrivers);
    }

    /// <summary>DIRID 13: the driver would run from the driver store; see docs/Architecture.md for why the service does not point there.</summary>
    [GuestFact(Windows11)]
    public void Server_2025_with_a_driver_that_stays_in_the_driver_store()
    {
        using TempFolder folder = new();
        GuestTree tree = GuestTree.Server2022(folder);
        tree.WriteHive("SOFTWARE", GuestTree.TextOfServer2022("SOFTWARE").Replace("20348", "26100", StringComparison.Ordinal));
        DriverFolder drivers = new DriverFolder(folder, "2k25", "amd64", "x64")
            .Add("viostor", "inf-100.101.104.28500/viostor_w11.inf", null);

        EditedGuest guest = new(folder, tree.MakeDisk(64), drivers.Path);

        EditJudge.Approves(guest);
        PlannedDriver driver = Assert.Single(guest.Plan.Storage);
        Assert.Equal("2k25", guest.Plan.MatchedRule);
        Assert.Equal(13, driver.Service.BinaryDirId);
        Assert.Equal(@"System32\drivers\viostor.sys", guest.DumpAfter("SYSTEM").Values[@"ControlSet001\Services\viostor\ImagePath"].Texts()[0]);
        Assert.Equal(
            guest.After.Files[@"\Windows\System32\drivers\viostor.sys"],
            guest.After.Files[$@"\Windows\System32\DriverStore\FileRepository\{driver.PackageLabel}\viostor.sys"]);
    }
}
