using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public sealed class EditGuardTests
{
    private const int FirstEntry = 0x1BE;
    private const int EntrySize = 16;

    [Theory]
    [InlineData("RebootPending", true)]
    [InlineData("RebootInProgress", true)]
    [InlineData(@"PackagesPending\Package_for_KB5000001~31bf3856ad364e35~amd64~~1.0", true)]
    [InlineData("PackagesPending", false)]
    [InlineData("Packages", false)]
    public void A_Windows_in_the_midst_of_servicing_is_not_edited(string key, bool refused)
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("any", 20348, true, GuestArchitecture.X64), edit: guest =>
            guest.Software.EnsureKey($@"Microsoft\Windows\CurrentVersion\Component Based Servicing\{key}"));
        GuestCondition? condition = Plans.Probe(disk).Conditions.FirstOrDefault(condition => condition.Id == "ServicingPending");
        Assert.Equal(refused, condition is { BlocksEdit: true });
        Assert.True(!refused || condition!.Detail.Contains(key.Split('\\')[0], StringComparison.Ordinal));
    }

    /// <summary>The system volume of a dynamic disk keeps its entry in the partition table: it can be read, but may be half of a mirror.</summary>
    [Fact]
    public void A_Windows_on_a_dynamic_disk_is_described_and_not_edited()
    {
        using TempFolder folder = new();
        string disk = WithTypes(folder, 0x42);

        WindowsLayout layout = Plans.Probe(disk);

        Assert.True(Assert.Single(layout.Conditions, condition => condition.Id == "DynamicDisk").BlocksEdit);
        Assert.Equal("DynamicDisk", Assert.Throws<GuestStateException>(() => Plans.Edit(disk)).ErrorId);
    }

    [Fact]
    public void A_dynamic_disk_on_which_no_Windows_is_seen_is_told_as_one()
    {
        using TempFolder folder = new();
        string disk = WithTypes(folder, 0x42);
        byte[] bytes = File.ReadAllBytes(disk);
        long windows = Plans.Probe(disk).WindowsPartition.Offset;
        bytes.AsSpan((int)windows, 512).Clear();
        File.WriteAllBytes(disk, bytes);

        Assert.Equal("DynamicDisk", Assert.Throws<UnsupportedFeatureException>(() => Plans.Probe(disk)).ErrorId);
    }

    /// <summary>The sample of Windows 7 as a raw disk whose partitions are all of one type.</summary>
    private static string WithTypes(TempFolder folder, byte type)
    {
        using DiskImage image = ImageDetector.Open(Fixtures.Windows7Disk);
        byte[] bytes = new byte[image.Length];
        image.Read(0, bytes);
        for (int entry = 0; entry < 4; entry++)
        {
            ref byte own = ref bytes[FirstEntry + (entry * EntrySize) + 4];
            own = own == 0 ? own : type;
        }

        string path = folder.File("disk.raw");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
