using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Fat;

public class FatVolumeTests
{
    [DataFact("fat/fat12.raw.gz")]
    public void Real_fat12_volume_with_a_thousand_directories_is_read()
    {
        FatVolume volume = OpenData("fat/fat12.raw.gz");

        Assert.Equal("FAT12", volume.Kind);
        Assert.Equal("", volume.Label);
        Assert.Equal(FatVolumeState.Clean, volume.State);
        Assert.Empty(FatChecker.Check(volume.Device));
        Assert.Equal(1025, Tree.Read(volume).Count);
        Assert.True(volume.Find("\\511")!.IsDirectory);
        Assert.Null(volume.Find("\\511\\x"));
    }

    [DataFact("fat/fat32_small.raw.gz")]
    public void Real_fat32_volume_with_sectors_of_2048_bytes_and_few_clusters_is_fat32()
    {
        FatVolume volume = OpenData("fat/fat32_small.raw.gz");

        Assert.Equal("FAT32", volume.Kind);
        Assert.Equal(3, Tree.Read(volume).Count);
    }

    [DataFact("fat/fat_lfn_test.raw.gz")]
    public void Long_name_whose_checksum_is_wrong_is_ignored()
    {
        FatVolume volume = OpenData("fat/fat_lfn_test.raw.gz");

        Assert.NotNull(volume.Find("\\SHORT.TXT"));
        Assert.Null(volume.Find("\\long_name_test.txt"));
        Assert.Equal(17, Tree.Read(volume).Count);
        Assert.Equal("FatLongNameOrphan", Assert.Single(FatChecker.Check(volume.Device)).Id);
    }

    [DataFact("fat/fat_very_small.dd")]
    public void Smallest_volume_is_read_with_the_case_that_its_names_note()
    {
        FatVolume volume = OpenData("fat/fat_very_small.dd");

        SortedDictionary<string, byte[]?> tree = Tree.Read(volume);
        Assert.Equal(["/a", "/a/b", "/a/b/hello.txt"], tree.Keys);
        Assert.Empty(FatChecker.Check(volume.Device));
        Assert.Equal(12, tree["/a/b/hello.txt"]!.Length);
        Assert.Equal(new DateTime(2023, 9, 23, 0, 0, 0, DateTimeKind.Utc), volume.Find("\\A\\B\\HELLO.TXT")!.ModifiedUtc.Date);
    }

    [OracleFact("mkfs.fat", "mcopy")]
    public void Fat12_volume_reads_as_it_was_filled() => Compare("FAT12", 1440 * 3);

    [OracleFact("mkfs.fat", "mcopy")]
    public void Fat16_volume_reads_as_it_was_filled() => Compare("FAT16", 32 << 10);

    [OracleFact("mkfs.fat", "mcopy")]
    public void Fat32_volume_reads_as_it_was_filled() => Compare("FAT32", 80 << 10, "-F", "32", "-s", "2");

    [OracleFact("mkfs.fat", "mcopy")]
    public void Fat32_volume_with_sectors_of_4096_bytes_reads_as_it_was_filled() => Compare("FAT32", 300 << 10, "-F", "32", "-S", "4096", "-s", "1");

    [OracleFact("mkfs.fat", "mcopy")]
    public void Label_short_aliases_and_dirty_flags_are_seen()
    {
        using TempFolder folder = new();
        string image = folder.File("fat.img");
        FatImage.Make(image, 40 << 10, "-F", "32", "-s", "1", "-n", "SYSTEM");
        ForeignTool.RunOk("mmd", "-i", image, "::/Microsoft Boot");
        byte[] bytes = File.ReadAllBytes(image);

        FatVolume volume = FatVolume.Open(new MemoryBlockDevice(bytes, 512));
        Assert.Equal("SYSTEM", volume.Label);
        Assert.Equal("Microsoft Boot", volume.Find("\\MICROS~1")!.Name);
        Assert.Equal("Microsoft Boot", volume.Find("\\MICROSOFT boot")!.Name);
        Assert.Single(volume.List(GuestPath.Root));
        bytes[(32 * 512) + 7] &= 0xF7;
        Assert.Equal(FatVolumeState.NotDismounted, FatVolume.Open(new MemoryBlockDevice(bytes, 512)).State);
        bytes[(32 * 512) + 7] &= 0xF3;
        bytes[0x41] = 1;
        Assert.Equal(FatVolumeState.NotDismounted | FatVolumeState.HardErrors, FatVolume.Open(new MemoryBlockDevice(bytes, 512)).State);
    }

    [OracleFact("mkfs.fat", "mcopy")]
    public void Active_fat_is_the_one_that_the_flags_name()
    {
        using TempFolder folder = new();
        string image = folder.File("fat.img");
        FatImage.Make(image, 40 << 10, "-F", "32", "-s", "1");
        File.WriteAllBytes(folder.File("two clusters"), new byte[1024]);
        ForeignTool.RunOk("mcopy", "-i", image, folder.File("two clusters"), "::/f");
        byte[] bytes = File.ReadAllBytes(image);
        bytes.AsSpan((32 * 512) + 12, 100).Fill(0xFF);

        Assert.Throws<DiskFormatException>(() => Tree.Read(FatVolume.Open(new MemoryBlockDevice(bytes, 512))));
        bytes[0x28] = 0x81;
        Assert.Equal(["/f"], Tree.Read(FatVolume.Open(new MemoryBlockDevice(bytes, 512))).Keys);
        bytes[0x28] = 0x82;
        Assert.Equal("FatBootSectorDamaged", Error(() => FatVolume.Open(new MemoryBlockDevice(bytes, 512))));
    }

    [OracleFact("mkfs.fat", "mcopy")]
    public void Circles_and_chains_that_leave_the_volume_are_named()
    {
        using TempFolder folder = new();
        string image = folder.File("fat.img");
        FatImage.Make(image, 32 << 10, "-F", "16", "-s", "1");
        File.WriteAllBytes(folder.File("f"), new byte[5 * 512]);
        ForeignTool.RunOk("mmd", "-i", image, "::/d");
        ForeignTool.RunOk("mcopy", "-i", image, folder.File("f"), "::/f");
        byte[] bytes = File.ReadAllBytes(image);
        int fat = BitConverter.ToUInt16(bytes, 0x0E) * 512;
        FatVolume Damaged(int cluster, ushort value)
        {
            byte[] copy = [.. bytes];
            BitConverter.TryWriteBytes(copy.AsSpan(fat + (2 * cluster)), value);
            return FatVolume.Open(new MemoryBlockDevice(copy, 512));
        }

        foreach (ushort next in new ushort[] { 3, 4, 6, 0, 1, 0xFFF7, 0xFFF0, 0xFFF8 })
        {
            Assert.Equal("FatChainDamaged", Error(() => Tree.Read(Damaged(6, next))));
        }

        Assert.Equal("FatChainDamaged", Error(() => Tree.Read(Damaged(2, 2))));
        Assert.Equal(2, Tree.Read(Damaged(7, 0xFFF8)).Count);
    }

    [DataFact("fat/fat_very_small.dd")]
    public void Every_flipped_byte_and_every_truncation_gives_a_named_error_or_a_tree()
    {
        byte[] bytes = SharedData.Read("fat/fat_very_small.dd");
        for (int i = 0; i < 20_000; i += i < 0x60 || i % 512 < 128 ? 1 : 61)
        {
            foreach (byte mask in new byte[] { 0x01, 0x80, 0xFF })
            {
                bytes[i] ^= mask;
                Tree.ReadDamaged(() => FatVolume.Open(new MemoryBlockDevice(bytes, 512)));
                Assert.NotNull(FatChecker.Check(new MemoryBlockDevice(bytes, 512)));
                bytes[i] ^= mask;
            }
        }

        for (int length = 0; length < bytes.Length; length += 97)
        {
            Tree.ReadDamaged(() => FatVolume.Open(new MemoryBlockDevice(bytes[..length], 512)));
        }
    }

    [DataFact("ntfs/boot/4k.boot", "fat/fat12.raw.gz")]
    public void Other_file_systems_are_not_fat()
    {
        Assert.False(FatVolume.IsFat(new MemoryBlockDevice(SharedData.Read("ntfs/boot/4k.boot"))));
        Assert.False(FatVolume.IsFat(new MemoryBlockDevice(new byte[4096])));
        Assert.False(FatVolume.IsFat(new MemoryBlockDevice([])));
        byte[] fat = SharedData.Read("fat/fat12.raw.gz");
        Assert.True(FatVolume.IsFat(new MemoryBlockDevice(fat)));
        "EXFAT   "u8.CopyTo(fat.AsSpan(3));
        Assert.False(FatVolume.IsFat(new MemoryBlockDevice(fat)));
    }

    private static void Compare(string kind, int kib, params string[] options)
    {
        using TempFolder folder = new();
        string source = Directory.CreateDirectory(folder.File("tree")).FullName;
        FatImage.MakeFolder(source);
        FatImage.Make(folder.File("fat.img"), kib, options);
        FatImage.Fill(folder.File("fat.img"), source);
        using FileBlockDevice device = new(folder.File("fat.img"));

        FatVolume volume = FatVolume.Open(device);
        Assert.Equal(kind, volume.Kind);
        Assert.Equal(Tree.ReadFolder(source), Tree.Read(volume));
    }

    private static FatVolume OpenData(string file) => FatVolume.Open(new MemoryBlockDevice(SharedData.Read(file), 512));

    private static string Error(Action action) => Assert.ThrowsAny<Hyper2KvmException>(action).ErrorId;
}
