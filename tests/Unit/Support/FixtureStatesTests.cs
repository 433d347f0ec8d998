using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Iso9660;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Images;
using Hyper2Kvm.Inf;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The readers together, image to file, on guests that foreign tools made: each shows the state that its name says.</summary>
public class FixtureStatesTests
{
    [Fact]
    public void The_sample_has_the_partitions_and_files_of_its_readme()
    {
        using DiskImage disk = ImageDetector.Open(Fixtures.SampleDisk);
        PartitionTable table = PartitionTable.Read(disk);
        FatVolume esp = FatVolume.Open(new BlockSlice(disk, table.Entries[0].Range));
        NtfsVolume windows = WindowsOf(disk);

        Assert.Equal(PartitionStyle.Gpt, table.Style);
        Assert.Equal([1, 2, 3, 4], table.Entries.Select(entry => entry.Number));
        Assert.Empty(table.Warnings);
        Assert.Equal(FatType.Fat32, esp.Type);
        Assert.Equal("bootx64.efi", Assert.Single(esp.List(@"\EFI\Boot")).Name);
        Assert.True(windows.State.IsClean);
        Assert.Equal(50, windows.List(@"\Windows\System32\drivers").Count(entry => entry.Name.EndsWith(".sys", StringComparison.Ordinal)));
        Assert.NotNull(windows.Find(@"\Users\Jürgen Größe\Dokumente\Übersicht Änderungen\Notiz.txt"));
        Assert.NotNull(windows.Find(@"\WINDOWS\INF\OEM2.INF"));
    }

    [Fact]
    public void The_hibernated_guest_has_an_image_to_resume()
    {
        foreach (string name in (string[])["hibernated", "fast-startup"])
        {
            using DiskImage disk = ImageDetector.Open(Fixtures.Variant(name));
            Assert.Equal("HIBR"u8.ToArray(), Head(WindowsOf(disk), @"\hiberfil.sys", 4));
        }
    }

    [Fact]
    public void The_dirty_volume_and_the_dirty_log_are_not_clean()
    {
        using DiskImage volume = ImageDetector.Open(Fixtures.Variant("dirty-volume"));
        using DiskImage log = ImageDetector.Open(Fixtures.Variant("dirty-log"));

        Assert.True(WindowsOf(volume).State.IsDirty);
        Assert.False(WindowsOf(log).State.IsDirty);
        Assert.False(WindowsOf(log).State.IsClean);
    }

    [Fact]
    public void The_BitLocker_guest_has_no_NTFS_to_see()
    {
        using DiskImage disk = ImageDetector.Open(Fixtures.Variant("bitlocker"));
        BlockSlice slice = new(disk, PartitionTable.Read(disk).Entries[2].Range);
        byte[] sector = new byte[512];
        slice.Read(0, sector);

        Assert.Equal("-FVE-FS-", Encoding.ASCII.GetString(sector, 3, 8));
        Assert.False(NtfsVolume.IsNtfs(slice));
    }

    [Fact]
    public void What_is_missing_is_missing_and_what_is_there_twice_is_there_twice()
    {
        using DiskImage data = ImageDetector.Open(Fixtures.Variant("data-only"));
        using DiskImage pending = ImageDetector.Open(Fixtures.Variant("pending-servicing"));
        using DiskImage two = ImageDetector.Open(Fixtures.Variant("two-windows"));
        using DiskImage noLoader = ImageDetector.Open(Fixtures.Variant("no-fallback-loader"));
        using DiskImage noStore = ImageDetector.Open(Fixtures.Variant("no-boot-store"));

        Assert.Null(WindowsOf(data).Find(@"\Windows"));
        Assert.NotNull(WindowsOf(pending).Find(@"\Windows\WinSxS\pending.xml"));
        Assert.NotNull(WindowsOf(two).Find(@"\Windows\System32\config\SYSTEM"));
        Assert.NotNull(NtfsOf(two, 4).Find(@"\Windows\System32\config\SYSTEM"));
        Assert.Null(EspOf(noLoader).Find(@"\EFI\Boot\bootx64.efi"));
        Assert.Null(EspOf(noStore).Find(@"\EFI\Microsoft\Boot\BCD"));
        Assert.NotNull(EspOf(noStore).Find(@"\EFI\Boot\bootx64.efi"));
    }

    [Fact]
    public void The_Windows_7_guest_boots_from_an_active_partition()
    {
        using DiskImage disk = ImageDetector.Open(Fixtures.Windows7Disk);
        PartitionTable table = PartitionTable.Read(disk);

        Assert.Equal(PartitionStyle.Mbr, table.Style);
        Assert.Equal(0x5CBEA03Eu, table.DiskSignature);
        Assert.Equal([true, false], table.Entries.Select(entry => entry.IsActive));
        Assert.NotNull(NtfsOf(disk, 1).Find(@"\bootmgr"));
        Assert.NotNull(NtfsOf(disk, 2).Find(@"\Windows\System32\winload.exe"));
    }

    [Fact]
    public void The_disk_with_large_sectors_reads_like_any_other()
    {
        using DiskImage disk = ImageDetector.Open(Fixtures.Variant("sector-4096"));

        Assert.Equal(4096, PartitionTable.Read(disk).SectorSize);
        Assert.Equal("Inhalt\r\n"u8.ToArray(), Head(NtfsOf(disk, 1), @"\Ordner\Datei.txt", 8));
    }

    [Fact]
    public void Every_INF_of_the_driver_ISO_reads()
    {
        using FileBlockDevice file = new(Fixtures.SampleDriverIso);
        IsoVolume iso = IsoVolume.Open(file);
        int infs = 0;
        foreach (GuestPath driver in Folders(iso, GuestPath.Root))
        {
            foreach (GuestPath folder in Folders(iso, driver).SelectMany(system => Folders(iso, system)))
            {
                GuestEntry entry = iso.List(folder).Single(found => found.Name.EndsWith(".inf", StringComparison.Ordinal));
                InfFile inf = InfFile.Parse(iso.OpenFile(folder / entry.Name).ReadAll(1 << 20, "InfTooLarge", "INF"), entry.Name);
                Assert.Contains(inf.ClassName, (string[])["SCSIAdapter", "Net"]);
                infs++;
            }
        }

        Assert.Equal(18, infs);
    }

    private static IEnumerable<GuestPath> Folders(IsoVolume iso, GuestPath parent) =>
        iso.List(parent).Where(entry => entry.IsDirectory).Select(entry => parent / entry.Name);

    private static byte[] Head(NtfsVolume volume, string path, int count)
    {
        byte[] bytes = new byte[count];
        volume.OpenFile(path).Read(0, bytes);
        return bytes;
    }

    private static NtfsVolume WindowsOf(DiskImage disk) => NtfsOf(disk, 3);

    private static NtfsVolume NtfsOf(DiskImage disk, int number) =>
        NtfsVolume.Open(new BlockSlice(disk, PartitionTable.Read(disk).Entries.Single(entry => entry.Number == number).Range));

    private static FatVolume EspOf(DiskImage disk) => FatVolume.Open(new BlockSlice(disk, PartitionTable.Read(disk).Entries[0].Range));
}
