using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>What the foreign judges do not look at, and what is refused.</summary>
public class NtfsWriterDetailTests
{
    [OracleFact("mkntfs", "ntfs-3g", "ln")]
    public void Entries_of_all_links_follow_a_change_of_size()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096, folder =>
        {
            Directory.CreateDirectory(Path.Combine(folder, "winsxs"));
            File.WriteAllBytes(Path.Combine(folder, "hive"), NtfsWorkbench.Bytes(1, 5000));
            ForeignTool.RunOk("ln", Path.Combine(folder, "hive"), Path.Combine(folder, "winsxs/second name of the hive"));
        });
        byte[] content = NtfsWorkbench.Bytes(2, 20_001);
        bench.WriteFile("\\hive", content);
        bench.Expect("\\winsxs\\second name of the hive", content);
        bench.Judge();
        NtfsVolume volume = NtfsVolume.Open(bench.Device);
        foreach ((string directory, string name) in (ReadOnlySpan<(string, string)>)[("\\", "HIVE"), ("\\winsxs", "second NAME of the hive")])
        {
            byte[] key = volume.OpenDirectory(volume.Resolve(directory)).Find(name)!.Value.Key.ToArray();
            FileNameView entry = new(key);
            Assert.Equal((20_001, 20_480), (entry.DataSize, entry.AllocatedSize));
            Assert.Equal(NtfsWorkbench.Time, DateTime.FromFileTimeUtc(entry.ModificationTime));
        }
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void New_file_carries_times_archive_flag_and_the_inherited_security_id()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096);
        bench.CreateDirectory("\\d");
        bench.WriteFile("\\d\\one.sys", NtfsWorkbench.Bytes(1, 10));
        bench.WriteFile("\\d\\Two longer.sys", NtfsWorkbench.Bytes(1, 10));
        GuestEntry one = bench.Writer.Find("\\d\\ONE.SYS")!;
        Assert.Equal(("one.sys", GuestFileAttributes.Archive, 10L, NtfsWorkbench.Time), (one.Name, one.Attributes, one.Length, one.ModifiedUtc));
        NtfsVolume volume = NtfsVolume.Open(bench.Device);
        uint first = SecurityId(volume, "\\d\\one.sys");
        Assert.True(first >= 0x100);
        Assert.Equal(first, SecurityId(volume, "\\d\\Two longer.sys"));
        Assert.Equal(FileNameView.Win32AndDos, volume.Resolve("\\d\\one.sys").ReadAllResident(AttributeType.FileName)[0][0x41]);
        Assert.Equal(FileNameView.Posix, volume.Resolve("\\d\\Two longer.sys").ReadAllResident(AttributeType.FileName)[0][0x41]);
        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Names_that_begin_alike_are_sorted_as_ntfs_3g_sorts_them()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(30_000, 4096);
        for (int i = 0; i < 300; i++)
        {
            bench.WriteFile("\\" + new string((char)('a' + (i % 3)), 1 + (i / 3)) + (i % 2 == 0 ? "" : "é_ß"), [(byte)(i & 0xFF)]);
        }

        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Full_volume_is_refused_and_stays_as_it_was()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096);
        byte[] before = bench.Device.ToArray();
        GuestStateException error = Assert.Throws<GuestStateException>(
            () => bench.Writer.WriteFile("\\big", new MemoryBlockDevice(new byte[12_000_000]), NtfsWorkbench.Time));
        Assert.Equal("GuestVolumeFull", error.ErrorId);
        Assert.Equal(before, bench.Device.ToArray());
        bench.WriteFile("\\small", NtfsWorkbench.Bytes(1, 100_000));
        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Source_that_breaks_leaves_the_volume_as_it_was()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096);
        Assert.Throws<DiskFormatException>(() => bench.Writer.WriteFile("\\x", new BrokenSource(), NtfsWorkbench.Time));
        Assert.Null(bench.Writer.Find("\\x"));
        bench.Judge();
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Dirty_volume_and_open_log_are_refused()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096);
        byte[] bytes = bench.Device.ToArray();
        NtfsVolume volume = NtfsVolume.Open(bench.Device);
        long mft = volume.Boot.MftLcn * volume.Boot.ClusterSize;
        Span<byte> record = bytes.AsSpan((int)mft + (3 * 1024), 1024);
        FileRecordView view = new(record);
        int at = view.FirstAttributeOffset;
        while (view.TryGetAttribute(at, out AttributeView attribute))
        {
            if (attribute.Type == AttributeType.VolumeInformation)
            {
                Le.U16(attribute.Value, 0x0A, 1);
            }

            at += attribute.Length;
        }

        Assert.Equal("NtfsVolumeDirty", Assert.Throws<GuestStateException>(() => NtfsWriter.Open(new MemoryBlockDevice(bytes, 512))).ErrorId);
    }

    [DataFact(NtfsSamples.TestVolume)]
    public void Volume_copied_while_Windows_used_it_is_refused()
    {
        MemoryBlockDevice device = new(NtfsSamples.Read(NtfsSamples.TestVolume), 512);
        Assert.Equal("NtfsLogVersion2", Assert.Throws<GuestStateException>(() => NtfsWriter.Open(device)).ErrorId);
    }

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Names_and_files_of_the_system_are_refused()
    {
        using NtfsWorkbench bench = NtfsWorkbench.Make(20_000, 4096);
        bench.CreateDirectory("\\d");
        bench.WriteFile("\\f", [1]);
        byte[] before = bench.Device.ToArray();
        Assert.Equal("NtfsSystemFile", Refusal(() => bench.Writer.WriteFile("\\$MFT", new MemoryBlockDevice([1]), NtfsWorkbench.Time)));
        Assert.Equal("NtfsSystemFile", Refusal(() => bench.Writer.WriteFile("\\$Extend\\x", new MemoryBlockDevice([1]), NtfsWorkbench.Time)));
        Assert.Equal("GuestPathIsDirectory", Refusal(() => bench.Writer.WriteFile("\\d", new MemoryBlockDevice([1]), NtfsWorkbench.Time)));
        Assert.Equal("GuestPathIsFile", Refusal(() => bench.Writer.CreateDirectory("\\f", NtfsWorkbench.Time)));
        Assert.Equal("GuestPathInvalid", Refusal(() => bench.Writer.CreateDirectory("\\dot.", NtfsWorkbench.Time)));
        Assert.Throws<GuestItemNotFoundException>(() => bench.Writer.CreateDirectory("\\no\\such", NtfsWorkbench.Time));
        Assert.Throws<GuestItemNotFoundException>(() => bench.Writer.OpenFileForWriting("\\no"));
        Assert.Equal(before, bench.Device.ToArray());
    }

    [DataFact(NtfsSamples.IndexDisk)]
    public void Flipped_bytes_under_the_writer_give_typed_errors()
    {
        byte[] good = NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.IndexDisk)).Device.ToArray();
        List<int> places = [];
        for (int at = 0; at + 1024 <= good.Length; at += 512)
        {
            if (good.AsSpan(at, 4).SequenceEqual("FILE"u8) && (places.Count < 32 * 1016 || at % 8192 == 0))
            {
                places.AddRange(Enumerable.Range(at, 508));
            }
            else if (good.AsSpan(at, 4).SequenceEqual("INDX"u8))
            {
                places.AddRange(Enumerable.Range(at, 508));
            }
        }

        Random random = new(5);
        for (int round = 0; round < 60; round++)
        {
            byte[] bytes = [.. good];
            for (int i = 0; i < 8; i++)
            {
                bytes[places[random.Next(places.Count)]] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                NtfsWriter writer = NtfsWriter.Open(new MemoryBlockDevice(bytes, 512));
                writer.CreateDirectory("\\new", NtfsWorkbench.Time);
                writer.WriteFile("\\new\\a file", new MemoryBlockDevice(new byte[5000]), NtfsWorkbench.Time);
                writer.WriteFile("\\new\\a file", new MemoryBlockDevice(new byte[50_000]), NtfsWorkbench.Time);
            }
            catch (Hyper2KvmException error)
            {
                Assert.NotEmpty(error.ErrorId);
            }
        }
    }

    private static string Refusal(Action action) => Assert.Throws<GuestStateException>(action).ErrorId;

    private static uint SecurityId(NtfsVolume volume, string path) => Le.U32(StandardInformation.Read(volume.Resolve(path)), 0x34);

    /// <summary>Gives its first half and then fails, as a damaged driver disc does.</summary>
    private sealed class BrokenSource : IBlockDevice
    {
        public long Length => 3 << 20;

        public int SectorSize => 1;

        public void Read(long offset, Span<byte> buffer)
        {
            if (offset > 0)
            {
                throw new DiskFormatException("Broken", "source", offset, "bytes", "none");
            }

            buffer.Fill(7);
        }
    }
}
