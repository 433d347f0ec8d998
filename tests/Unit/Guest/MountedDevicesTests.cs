using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public sealed class MountedDevicesTests
{
    [Fact]
    public void Partitions_have_the_letters_that_windows_gives_them()
    {
        Assert.Equal("C:", Plans.Probe(Fixtures.SampleDisk).WindowsPartition.DriveLetter);
        Assert.Equal("C:", Plans.Probe(Fixtures.Windows7Disk).WindowsPartition.DriveLetter);
        Assert.Null(Plans.Probe(Fixtures.SampleDisk).BootPartition!.DriveLetter);
    }
}
