using Hyper2Kvm.Blocks;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Steps;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>PnpLockdownFiles in the SOFTWARE hive; what a real machine has there is compared in Windows10Tests.</summary>
public sealed class LockdownFilesTests
{
    private const string Key = @"Microsoft\Windows\CurrentVersion\Setup\PnpLockdownFiles\%SystemRoot%/System32/drivers/viostor.sys";

    [Theory]
    [InlineData(true, 4u)]
    [InlineData(false, 5u)]
    public void The_class_says_whether_the_file_is_guarded(bool lockdown, uint expected) =>
        Assert.Equal(expected, Enter(driver => driver with { PnpLockdown = lockdown }, "oem7.inf").Hive.Find(Key)!.GetValue("Class")!.AsDword());

    /// <summary>An older package that brought a file of this name stays an owner: Windows removes the file with the last one.</summary>
    [Fact]
    public void A_package_that_has_the_file_already_stays_an_owner()
    {
        HiveEditor software = Enter(driver => driver, "oem3.inf", "oem7.inf", "OEM3.inf");

        Assert.Equal(["oem3.inf", "oem7.inf"], software.Hive.Find(Key)!.GetValue("Owners")!.AsMultiString());
    }

    [Fact]
    public void A_driver_that_runs_from_the_driver_store_was_copied_nowhere() =>
        Assert.Null(Enter(driver => driver with { Service = driver.Service with { BinaryDirId = 13 } }, "oem7.inf").Hive.Find(Key));

    private static HiveEditor Enter(Func<PlannedDriver, PlannedDriver> adapt, params string[] published)
    {
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        OverlayBlockDevice disk = new(image);
        EditableGuest guest = EditableGuest.Open(disk, LayoutProbe.Probe(image, disk, null), new ChangeRecorder(), DateTime.UnixEpoch);
        PlannedDriver driver = Plans.Plan(Fixtures.SampleDisk).Storage[0];
        foreach (string inf in published)
        {
            LockdownFiles.Enter(guest, adapt(driver), driver.PackageLabel, inf);
        }

        return guest.Software;
    }
}
