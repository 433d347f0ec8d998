using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public sealed class SigningSwitchesTests
{
    [Theory]
    [InlineData(BcdElementTypes.TestSigning, true, false)]
    [InlineData(BcdElementTypes.TestSigningOfLoader, true, false)]
    [InlineData(BcdElementTypes.NoIntegrityChecks, false, true)]
    [InlineData(BcdElementTypes.NoIntegrityChecksOfLoader, false, true)]
    [InlineData(BcdElementTypes.KernelDebugger, false, false)]
    public void A_switch_counts_where_it_is_and_where_it_is_inherited(uint element, bool testSigning, bool noIntegrityChecks)
    {
        foreach (Guid place in (Guid[])[BootDisk.Loader, BootDisk.LoaderSettings])
        {
            BootDisk disk = BootDisk.Uefi();
            disk[place, element] = [1];
            Assert.Equal(new SigningSwitches(testSigning, noIntegrityChecks), SigningSwitches.Of(disk.Store));
        }
    }

    [Fact]
    public void Off_is_off_and_so_is_another_entrys()
    {
        BootDisk disk = BootDisk.Bios();
        disk[BootDisk.Loader, BcdElementTypes.TestSigning] = [0];
        disk[BootDisk.Resume, BcdElementTypes.NoIntegrityChecks] = [1];
        Assert.Equal(default, SigningSwitches.Of(disk.Store));

        disk.Objects.Remove(BootDisk.Loader);
        Assert.Equal(default, SigningSwitches.Of(disk.Store));
    }

    /// <summary>As bcdedit writes it, into the store on the EFI system partition.</summary>
    [Fact]
    public void A_layout_knows_them_and_a_broken_store_switches_nothing_on()
    {
        WindowsLayout layout = Probed((_, _) => { });
        Assert.False(layout.TestSigning || layout.NoIntegrityChecks);

        Assert.True(Probed((volume, path) => SwitchOn(volume, path, "16000049")).TestSigning);
        Assert.True(Probed((volume, path) => SwitchOn(volume, path, "16000048")).NoIntegrityChecks);
        Assert.False(Probed((volume, path) => volume.WriteFile(path, new byte[8192])).TestSigning);
    }

    private static void SwitchOn(EditableVolume volume, string path, string element)
    {
        HiveEditor store = volume.OpenHive(path, "BCD");
        store.SetBinary($@"Objects\{BcdStore.Open(store.Hive).DefaultId:B}\Elements\{element}", "Element", [1]);
    }

    private static WindowsLayout Probed(Action<EditableVolume, string> change)
    {
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        OverlayBlockDevice disk = new(image);
        WindowsLayout layout = LayoutProbe.Probe(image, disk, null);
        EditableGuest guest = EditableGuest.Open(disk, layout, new ChangeRecorder(), DateTime.UnixEpoch);
        change(guest.Volume(layout.BootPartition!), layout.BcdPath!);
        guest.Complete();
        return LayoutProbe.Probe(image, disk, null);
    }
}
