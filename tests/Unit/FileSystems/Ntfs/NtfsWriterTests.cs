using Hyper2Kvm.Blocks;

using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class NtfsWriterTests
{
    [OracleFact("mkntfs", "ntfs-3g")]
    public void Files_and_directories_are_created_with_512_byte_clusters() => CreateReplaceGrow(40_000 - 1, 512);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Files_and_directories_are_created_with_1_KiB_clusters() => CreateReplaceGrow(40_000, 1024);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Files_and_directories_are_created_with_4_KiB_clusters() => CreateReplaceGrow((8191 * 8) + 5, 4096);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Files_and_directories_are_created_with_64_KiB_clusters() => CreateReplaceGrow(100_000, 64 * 1024);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Files_and_directories_are_created_with_4_KiB_sectors() => CreateReplaceGrow(8191 + 8, 4096, 4096);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Opening_and_flushing_writes_nothing()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096, folder => File.WriteAllText(Path.Combine(folder, "a"), "a"));
        byte[] before = bench.Device.ToArray();
        bench.WriteFile("\\a", [(byte)'a']);
        bench.Writer.CreateDirectory("\\", NtfsWorkbench.Time);
        bench.Writer.Flush();
        Assert.Equal(before, bench.Device.ToArray());
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Thousands_of_files_split_the_directory_and_grow_the_table()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(100_000, 4096);
        bench.CreateDirectory("\\big");
        Random random = new(3);
        for (int i = 0; i < 2500; i++)
        {
            int number = random.Next(1_000_000);
            bench.WriteFile($"\\big\\{number:X} some longer driver name {i}.sys", NtfsWorkbench.Bytes(i, i % 900));
        }

        bench.Judge();
        using (NtfsMount mount = new(bench.Image, writable: true))
        {
            foreach (string file in Directory.GetFiles(Path.Combine(mount.Path, "big")).Where((_, index) => index % 3 == 0))
            {
                File.Delete(file);
                File.WriteAllText(file + " again", "written by ntfs-3g into what we made");
            }
        }

        using FileBlockDevice edited = new(bench.Image);
        Assert.Empty(NtfsChecker.Check(edited, CancellationToken.None));
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Directory_of_thousands_that_ntfs_3g_made_takes_new_names()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(100_000, 4096, folder =>
        {
            string directory = Directory.CreateDirectory(Path.Combine(folder, "FileRepository")).FullName;
            for (int i = 0; i < 3000; i++)
            {
                File.WriteAllBytes(Path.Combine(directory, $"{i * 7919 % 3001}_oem{i}.inf_amd64_{i:x8}"), []);
            }
        });
        for (int i = 0; i < 300; i++)
        {
            bench.CreateDirectory($"\\FileRepository\\{i * 31 % 3000}_viostor.inf_amd64_{i:x16}");
        }

        bench.Judge();
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Directory_that_Windows_made_takes_new_names()
    {
        using NtfsWorkbench bench = NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.LargeDirectory));
        string directory = bench.Writer.List(GuestPath.Root).First(entry => entry.IsDirectory && bench.Writer.List(GuestPath.Root / entry.Name).Count() > 500).Name;
        for (int i = 0; i < 120; i++)
        {
            bench.WriteFile($"\\{directory}\\Directory {(i * 37) + 1}x new.sys", NtfsWorkbench.Bytes(i, i % 9 * 40));
        }

        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void File_in_a_thousand_pieces_gets_an_attribute_list_and_extension_records()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(24_000, 512, FillAndPunch);
        bench.WriteFile("\\pieces", NtfsWorkbench.Bytes(1, 500_000));
        bench.Judge();
        Assert.True(NtfsVolume.Open(bench.Device).Resolve("\\pieces").ListEntries.Count >= 4);
        bench.WriteFile("\\pieces", NtfsWorkbench.Bytes(2, 1_050_000));
        bench.WriteFile("\\more pieces than one", NtfsWorkbench.Bytes(3, 100_000));
        bench.Judge();
        Assert.InRange(NtfsVolume.Open(bench.Device).Resolve("\\pieces").Find(AttributeType.Data, "")!.Runs.Count, 800, 2000);
        Assert.InRange(NtfsVolume.Open(bench.Device).Resolve("\\pieces").ListEntries.Count, 5, 20);
        IResizableBlockDevice file = bench.Writer.OpenFileForWriting("\\pieces");
        file.SetLength(123_456);
        file.SetLength(323_456);
        byte[] content = NtfsWorkbench.Bytes(2, 1_050_000)[..123_456];
        Array.Resize(ref content, 323_456);
        bench.Expect("\\pieces", content);
        bench.Judge();
        file.SetLength(10);
        bench.Expect("\\pieces", content[..10]);
        bench.WriteFile("\\more pieces than one", []);
        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void File_in_ten_thousand_pieces_keeps_its_attribute_list_in_clusters()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(60_000, 512);
        bench.TakeEveryOtherCluster();
        byte[] content = NtfsWorkbench.Bytes(1, 6_000_000);
        bench.WriteFile("\\pieces", content);
        IResizableBlockDevice file = bench.Writer.OpenFileForWriting("\\pieces");
        file.SetLength(7_000_000);
        Array.Resize(ref content, 7_000_000);
        NtfsWorkbench.Bytes(2, 1000).CopyTo(content, 6_500_000);
        file.Write(6_500_000, content.AsSpan(6_500_000, 1000));
        bench.Expect("\\pieces", content);
        NtfsFile written = NtfsVolume.Open(bench.Device).Resolve("\\pieces");
        Assert.InRange(written.Find(AttributeType.Data, "")!.Runs.Count, 10_000, 14_000);
        Assert.True(written.BaseAttribute(AttributeType.AttributeList, "").IsNonResident);
        bench.Judge(countClusters: false);
        file.SetLength(2_000_000);
        bench.Expect("\\pieces", content[..2_000_000]);
        bench.Judge(countClusters: false);
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Table_and_directories_grow_on_fragmented_space()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(24_000, 512, FillAndPunch);
        bench.CreateDirectory("\\new");
        for (int i = 0; i < 200; i++)
        {
            bench.WriteFile($"\\new\\{i * 7919 % 1000} with a name of some length for more nodes.txt", NtfsWorkbench.Bytes(i, 100));
        }

        bench.Judge();
    }

    [DataFact(NtfsSamples.ShadowVolume)]
    public void Edit_of_a_large_volume_touches_few_clusters_of_its_overlay()
    {
        using TempFolder temp = new();
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", SharedData.PathOf(NtfsSamples.ShadowVolume), temp.File("v"));
        using FileBlockDevice disk = new(temp.File("v"));
        NtfsVolume before = NtfsVolume.Open(disk);
        OverlayBlockDevice overlay = new(disk);
        AttributeData log = before.Load(new FileReference(FileReference.LogFileNumber, 0)).Require(AttributeType.Data, "");
        byte[] ones = new byte[before.Boot.ClusterSize];
        ones.AsSpan().Fill(0xFF);
        foreach (DataRun run in log.Runs)
        {
            for (long lcn = run.Lcn; lcn < run.Lcn + run.Count; lcn++)
            {
                overlay.Write(lcn * before.Boot.ClusterSize, ones);
            }
        }

        long emptied = overlay.DirtyBytes;
        IReadOnlyList<FileSystemFinding> findings = NtfsChecker.Check(overlay, CancellationToken.None);
        NtfsWriter writer = NtfsWriter.Open(overlay);
        writer.CreateDirectory("\\Windows", NtfsWorkbench.Time);
        for (int i = 0; i < 40; i++)
        {
            writer.WriteFile($"\\Windows\\driver file number {i}.sys", new MemoryBlockDevice(NtfsWorkbench.Bytes(i, i * 1000)), NtfsWorkbench.Time);
        }

        Assert.Equal(findings, NtfsChecker.Check(overlay, CancellationToken.None));
        Assert.InRange(overlay.DirtyBytes - emptied, 800_000, 3_000_000);
    }

    private static void FillAndPunch(string folder)
    {
        for (int i = 0; i < 3000; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"f{i}"), NtfsWorkbench.Bytes(i, 900));
        }

        using (FileStream rest = File.Create(Path.Combine(folder, "rest")))
        {
            byte[] chunk = new byte[4096];
            try
            {
                while (true)
                {
                    rest.Write(chunk);
                    rest.Flush();
                }
            }
            catch (IOException)
            {
                // The volume is full: that is what this is for.
            }
        }

        for (int i = 0; i < 3000; i += 2)
        {
            File.Delete(Path.Combine(folder, $"f{i}"));
        }
    }

    private static void CreateReplaceGrow(long sectors, int clusterSize, int sectorSize = 512)
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(sectors, clusterSize, folder =>
        {
            Directory.CreateDirectory(Path.Combine(folder, "Windows/System32/drivers"));
            for (int i = 0; i < 30; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"Windows/System32/drivers/old{i}.sys"), NtfsWorkbench.Bytes(i, i * 777));
            }
        }, sectorSize);
        bench.WriteFile("\\Windows\\System32\\drivers\\viostor.sys", NtfsWorkbench.Bytes(1, 60_000));
        bench.WriteFile("\\windows\\system32\\DRIVERS\\a long name with Ünicode.sys".Replace("windows\\system32\\DRIVERS", "Windows\\System32\\drivers"), NtfsWorkbench.Bytes(2, 100));
        bench.WriteFile("\\Windows\\empty", []);
        bench.CreateDirectory("\\Windows\\INF");
        bench.CreateDirectory("\\Windows\\INF\\sub");
        bench.WriteFile("\\Windows\\INF\\sub\\x.inf", NtfsWorkbench.Bytes(3, 700));
        bench.WriteFile("\\Windows\\System32\\drivers\\old3.sys", NtfsWorkbench.Bytes(4, 300_000));
        bench.WriteFile("\\Windows\\System32\\drivers\\old29.sys", NtfsWorkbench.Bytes(5, 10));
        bench.WriteFile("\\Windows\\System32\\drivers\\old28.sys", []);
        IResizableBlockDevice hive = bench.Writer.OpenFileForWriting("\\Windows\\System32\\drivers\\old20.sys");
        byte[] content = NtfsWorkbench.Bytes(20, 20 * 777);
        Array.Resize(ref content, 100_001);
        hive.SetLength(content.Length);
        NtfsWorkbench.Bytes(6, 5000).CopyTo(content, 50_000);
        hive.Write(50_000, content.AsSpan(50_000, 5000));
        bench.Expect("\\Windows\\System32\\drivers\\old20.sys", content);
        Assert.Equal(content.Length, bench.Writer.Find("\\windows\\SYSTEM32\\drivers\\OLD20.SYS")!.Length);
        bench.Judge();
    }
}
