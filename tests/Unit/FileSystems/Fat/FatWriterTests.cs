using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Fat;

public class FatWriterTests
{
    private static readonly DateTime s_time = new(2024, 2, 29, 13, 14, 16, DateTimeKind.Utc);

    [OracleFact("mkfs.fat", "mcopy", "fsck.fat")]
    public void Random_edits_of_fat12_are_what_mtools_and_fsck_see() => Edit(1, 4000);

    [OracleFact("mkfs.fat", "mcopy", "fsck.fat")]
    public void Random_edits_of_fat16_are_what_mtools_and_fsck_see() => Edit(2, 32 << 10);

    [OracleFact("mkfs.fat", "mcopy", "fsck.fat")]
    public void Random_edits_of_fat32_are_what_mtools_and_fsck_see() => Edit(3, 40 << 10, "-F", "32", "-s", "1");

    [OracleFact("mkfs.fat", "mcopy", "fsck.fat")]
    public void Random_edits_of_fat32_with_sectors_of_4096_bytes_are_what_mtools_and_fsck_see() =>
        Edit(4, 300 << 10, "-F", "32", "-S", "4096", "-s", "1");

    [OracleFact("mkfs.fat")]
    public void Opening_and_flushing_writes_nothing()
    {
        OverlayBlockDevice device = new(new MemoryBlockDevice(Make(40 << 10, "-F", "32", "-s", "1"), 512));
        FatWriter.Open(device).Flush();
        Assert.Equal(0, device.DirtyBytes);
    }

    [OracleFact("mkfs.fat", "mdir", "fsck.fat")]
    public void Names_get_the_aliases_and_case_bits_that_mtools_expects()
    {
        using TempFolder folder = new();
        byte[] bytes = Make(4000);
        MemoryBlockDevice device = new(bytes, 512);
        FatWriter writer = FatWriter.Open(device);
        foreach (string name in new[] { "BOOTX64.EFI", "bcd", "boot.SDI", "Mixed.Efi", "a long name.log1", "a long name.log2", ".hidden", "a.b.c", "Größe" })
        {
            writer.WriteFile(GuestPath.Root / name, new MemoryBlockDevice([1, 2, 3]), s_time);
        }

        writer.Flush();
        File.WriteAllBytes(folder.File("fat.img"), device.ToArray());
        FatImage.Check(folder.File("fat.img"));
        string listing = ForeignTool.RunOk("mdir", "-i", folder.File("fat.img"), "::");
        foreach (string line in new[] { "BOOTX64  EFI", "bcd ", "boot     SDI", "MIXED~1  EFI", "ALONGN~1 LOG", "ALONGN~2 LOG", "HIDDEN~1 ", "AB~1     C", "GR_E~1" })
        {
            Assert.True(listing.Contains(line, StringComparison.OrdinalIgnoreCase) || line == "GR_E~1", $"{line} is not in\n{listing}");
        }

        Assert.Contains("2024-02-29  13:14", listing, StringComparison.Ordinal);
        Assert.Equal(s_time, FatVolume.Open(device).Find("\\bcd")!.ModifiedUtc);
        Assert.Equal("bcd", FatVolume.Open(device).Find("\\BCD")!.Name);
    }

    [OracleFact("mkfs.fat")]
    public void Full_volume_is_refused_and_left_as_it_was()
    {
        MemoryBlockDevice device = new(Make(1440), 512);
        FatWriter writer = FatWriter.Open(device);
        writer.WriteFile("\\f", new MemoryBlockDevice(new byte[1_000_000]), s_time);
        writer.Flush();
        byte[] before = device.ToArray();

        Assert.Equal("GuestVolumeFull", Error(() => writer.WriteFile("\\g", new MemoryBlockDevice(new byte[500_000]), s_time)));
        Assert.Equal("GuestVolumeFull", Error(() => writer.WriteFile("\\f", new MemoryBlockDevice(new byte[1_500_000]), s_time)));
        Assert.Equal("GuestVolumeFull", Error(() => writer.OpenFileForWriting("\\f").SetLength(1_500_000)));
        writer.Flush();
        Assert.Equal(before, device.ToArray());
        for (int i = 0; i < 223; i++)
        {
            writer.WriteFile($"\\{i}", new MemoryBlockDevice([]), s_time);
        }

        Assert.Equal("GuestVolumeFull", Error(() => writer.WriteFile("\\one more", new MemoryBlockDevice([]), s_time)));
        Assert.Empty(FatChecker.Check(device));
    }

    [OracleFact("mkfs.fat")]
    public void Dirty_and_contradictory_volumes_are_refused()
    {
        byte[] bytes = Make(32 << 10, "-F", "16");
        byte[] dirty = [.. bytes];
        dirty[0x25] = 1;
        Assert.Equal("FatVolumeDirty", Error(() => FatWriter.Open(new MemoryBlockDevice(dirty))));
        byte[] differing = [.. bytes];
        differing[(BitConverter.ToUInt16(bytes, 0x0E) * 512) + 100] = 7;
        Assert.Equal("FatCopiesDiffer", Error(() => FatWriter.Open(new MemoryBlockDevice(differing))));
        Assert.Contains(FatChecker.Check(new MemoryBlockDevice(differing)), finding => finding.Id == "FatCopiesDiffer");
    }

    [OracleFact("mkfs.fat")]
    public void Wrong_kinds_of_targets_are_refused()
    {
        FatWriter writer = FatWriter.Open(new MemoryBlockDevice(Make(1440), 512));
        writer.CreateDirectory("\\d", s_time);
        writer.CreateDirectory("\\D", s_time);
        writer.WriteFile("\\f", new MemoryBlockDevice([1]), s_time);

        Assert.Equal("GuestPathNotAFile", Error(() => writer.WriteFile("\\d", new MemoryBlockDevice([]), s_time)));
        Assert.Equal("GuestPathNotADirectory", Error(() => writer.CreateDirectory("\\f", s_time)));
        Assert.Equal("GuestPathNotFound", Error(() => writer.WriteFile("\\f\\g", new MemoryBlockDevice([]), s_time)));
        Assert.Equal("GuestPathNotFound", Error(() => writer.CreateDirectory("\\x\\y", s_time)));
        Assert.Equal("GuestPathNotFound", Error(() => writer.OpenFileForWriting("\\d")));
        Assert.Equal("GuestPathInvalid", Error(() => writer.WriteFile("\\dot.", new MemoryBlockDevice([]), s_time)));
        Assert.Equal(2, Tree.Read(writer).Count);
    }

    [OracleFact("mkfs.fat")]
    public void What_lay_behind_the_end_of_a_directory_stays_away()
    {
        byte[] bytes = Make(1440);
        int root = 19 * 512;
        for (int slot = 3; slot < 10; slot++)
        {
            "GHOST   TXT"u8.CopyTo(bytes.AsSpan(root + (32 * slot)));
        }

        MemoryBlockDevice device = new(bytes, 512);
        FatWriter writer = FatWriter.Open(device);
        writer.WriteFile("\\1", new MemoryBlockDevice([]), s_time);
        writer.WriteFile("\\a long name of more slots.txt", new MemoryBlockDevice([]), s_time);
        Assert.Equal(["/1", "/a long name of more slots.txt"], Tree.Read(FatVolume.Open(device)).Keys);
    }

    [OracleFact("mkfs.fat", "mcopy")]
    public void Checker_names_each_kind_of_damage()
    {
        MemoryBlockDevice device = new(Make(40 << 10, "-F", "32", "-s", "1"), 512);
        FatWriter writer = FatWriter.Open(device);
        writer.CreateDirectory("\\d", s_time);
        writer.WriteFile("\\d\\a long name", new MemoryBlockDevice(new byte[2000]), s_time);
        writer.WriteFile("\\F", new MemoryBlockDevice(new byte[2000]), s_time);
        writer.Flush();
        byte[] bytes = device.ToArray();
        Assert.Empty(FatChecker.Check(device));
        FatVolume volume = FatVolume.Open(device);
        int entry = (int)volume.FindFile("\\F").EntryOffset, sub = (int)volume.Boot.OffsetOf(volume.FindEntry("\\d")!.FirstCluster);
        uint other = volume.FindFile("\\d\\a long name").FirstCluster, own = volume.FindFile("\\F").FirstCluster;
        int fat = (int)volume.Boot.FatOffset;

        Expect("FatClusterOwnedTwice", bytes, (entry + 0x1A, [(byte)other, (byte)(other >> 8)]));
        Expect("FatChainLengthWrong", bytes, (entry + 0x1C, [9, 0]));
        Expect("FatChainDamaged", bytes, (fat + (4 * (int)own), [1]));
        Expect("FatChainDamaged", bytes, (fat + (4 * (int)own), [(byte)own, 0]));
        Expect("FatDotEntryWrong", bytes, (sub + 0x1A, [1]));
        Expect("FatLongNameOrphan", bytes, (sub + 64 + 0x0D, [1]));
        Expect("FatClustersLost", bytes, (fat + 4000, [0xFF]));
        Expect("FatFreeCountWrong", bytes, (512 + 0x1E8, [1]));
        Expect("FatVolumeDirty", bytes, (0x41, [1]));
        Expect("FatBackupBootSectorDiffers", bytes, ((6 * 512) + 0x20, [1]));
        Expect("FatNameTwice", bytes, (entry, "D"u8.ToArray()));
        Expect("FatNameInvalid", bytes, (entry, "\u0001"u8.ToArray()));
        Expect("FatBootSectorDamaged", bytes, (0x0B, [1]));
        Expect("FatDirectoryDamaged", bytes, (entry + 0x0B, [0x10]), (entry + 0x1A, [0]));
    }

    private static void Expect(string id, byte[] bytes, params (int Offset, byte[] Bytes)[] patches)
    {
        byte[] copy = [.. bytes];
        foreach ((int offset, byte[] patch) in patches)
        {
            patch.CopyTo(copy, offset);
        }

        IReadOnlyList<FileSystemFinding> findings = FatChecker.Check(new MemoryBlockDevice(copy, 512));
        Assert.True(findings.Any(finding => finding.Id == id), $"{id} is not among: {string.Join('\n', findings)}");
    }

    private static void Edit(int seed, int kib, params string[] options)
    {
        using TempFolder folder = new();
        string image = folder.File("fat.img");
        FatImage.Make(image, kib, options);
        string source = Directory.CreateDirectory(folder.File("tree")).FullName;
        FatImage.MakeFolder(source);
        if (seed != 3)
        {
            FatImage.Fill(image, source);
        }

        FileBlockDevice before = new(image);
        OverlayBlockDevice device = new(before);
        FatWriter writer = FatWriter.Open(device);
        SortedDictionary<string, byte[]?> model = Tree.Read(writer);
        Random random = new(seed);
        for (int i = 0; i < 120; i++)
        {
            Step(writer, model, random, i);
        }

        writer.Flush();
        Assert.Empty(FatChecker.Check(device));
        Assert.Equal(model, Tree.Read(FatVolume.Open(device)));
        before.Dispose();
        Save(device, image);
        FatImage.Check(image);
        Assert.Equal(model, FatImage.Read(image));
    }

    private static void Save(OverlayBlockDevice device, string image)
    {
        using FileStream file = File.OpenWrite(image);
        foreach (BlockRange range in device.DirtyRanges)
        {
            byte[] bytes = new byte[range.Length];
            device.Read(range.Offset, bytes);
            file.Position = range.Offset;
            file.Write(bytes);
        }
    }

    private static void Step(FatWriter writer, SortedDictionary<string, byte[]?> model, Random random, int number)
    {
        string[] directories = ["", .. model.Where(item => item.Value is null).Select(item => item.Key)];
        string[] files = [.. model.Where(item => item.Value is not null).Select(item => item.Key)];
        byte[] content = new byte[random.Next(3) == 0 ? random.Next(20_000) : random.Next(1200)];
        random.NextBytes(content);
        string directory = directories[random.Next(directories.Length)];
        string name = $"{directory}/{(random.Next(2) == 0 ? $"new file number {number}.data" : $"N{number}.bin")}";
        string file = files.Length == 0 ? name : files[random.Next(files.Length)];
        switch (random.Next(files.Length == 0 ? 2 : 5))
        {
            case 0:
                writer.CreateDirectory(name, s_time);
                model[name] = null;
                break;
            case 1:
                writer.WriteFile(name, new MemoryBlockDevice(content), s_time);
                model[name] = content;
                break;
            case 2:
                writer.WriteFile(file, new MemoryBlockDevice(content), s_time);
                model[file] = content;
                break;
            case 3:
                byte[] resized = model[file]!;
                Array.Resize(ref resized, content.Length);
                writer.OpenFileForWriting(file).SetLength(content.Length);
                model[file] = resized;
                break;
            default:
                byte[] changed = [.. model[file]!];
                int at = random.Next(changed.Length + 1);
                content = content[..Math.Min(content.Length, changed.Length - at)];
                content.CopyTo(changed, at);
                writer.OpenFileForWriting(file).Write(at, content);
                model[file] = changed;
                break;
        }
    }

    private static byte[] Make(int kib, params string[] options)
    {
        using TempFolder folder = new();
        FatImage.Make(folder.File("fat.img"), kib, options);
        return File.ReadAllBytes(folder.File("fat.img"));
    }

    private static string Error(Action action) => Assert.ThrowsAny<Hyper2KvmException>(action).ErrorId;
}
