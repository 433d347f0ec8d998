using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Fuzz;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>Trees that lead back into themselves end in a typed error, whoever walks them.</summary>
public class HostileTreeTests
{
    private const string Folder = @"\Windows\System32";

    [Fact]
    public void A_directory_index_whose_node_is_its_own_child()
    {
        byte[] volume = Damaged((patch, number, vcn) => patch.Node(number, "$I30", vcn, node =>
        {
            int first = 0x18 + (int)Le.U32(node, 0x18);
            Le.U32(node, 0x1C, (uint)(first - 0x18 + 0x18));
            node[0x24] |= 1;
            node.Slice(first, 0x18).Clear();
            node[first + 0x08] = 0x18;
            node[first + 0x0C] = IndexEntry.ChildFlag | IndexEntry.LastFlag;
            Le.U64(node, first + 0x10, (ulong)vcn);
        }));
        Refused(volume);
    }

    [Fact]
    public void A_directory_index_of_which_two_entries_lead_to_one_node() => Refused(Damaged((patch, number, vcn) => patch.Record(number, record =>
    {
        Span<byte> root = NtfsPatch.Value(record, AttributeType.IndexRoot, "$I30");
        int at = 0x10 + (int)Le.U32(root, 0x10);
        int entries = 0;
        for (bool isLast = false; !isLast; entries++)
        {
            int length = Le.U16(root, at + 0x08);
            Le.U64(root, at + length - 8, (ulong)vcn);
            isLast = (root[at + 0x0C] & IndexEntry.LastFlag) != 0;
            at += length;
        }

        Assert.True(entries > 1);
    })));

    [Fact]
    public void A_key_that_is_its_own_grandchild()
    {
        byte[] bytes = TestHive.Bytes();
        Hive hive = HiveTree.Open(bytes);
        hive.Root.Create(@"Anna\Berta\Carla", TestHive.Now);
        bytes = HiveTree.Saved(hive, bytes);
        int anna = CellOf(bytes, "Anna");
        int berta = CellOf(bytes, "Berta");
        int list = 4096 + Le.I32(bytes, berta + 4 + 0x1C);
        Assert.Equal(CellOf(bytes, "Carla") - 4096, Le.I32(bytes, list + 8));
        Le.I32(bytes, list + 8, anna - 4096);

        Hive cyclic = HiveTree.Open(bytes);
        Assert.IsAssignableFrom<Hyper2KvmException>(Record.Exception(() => HiveTree.Of(cyclic)));
        Assert.IsAssignableFrom<Hyper2KvmException>(Record.Exception(() => cyclic.Root.DeleteSubkey("Anna", TestHive.Now)));
        Record.Exception(() => cyclic.Find(string.Join('\\', Enumerable.Repeat(@"Anna\Berta", 1000))));
        Assert.NotEmpty(HiveChecker.Check(new MemoryBlockDevice(bytes)));
    }

    /// <summary>Declared sizes cost nothing until something is there: each field set to the worst, checksums right.</summary>
    [Theory]
    [InlineData("qcow2", "v3.qcow2", 24, 8)] // size of the disk
    [InlineData("qcow2", "v3.qcow2", 36, 4)] // entries of the L1 table
    [InlineData("qcow2", "v3.qcow2", 56, 4)] // clusters of the refcount table
    [InlineData("qcow2", "v3.qcow2", 60, 4)] // snapshots
    [InlineData("vmdk", "sparse.vmdk", 12, 8)] // sectors of the disk
    [InlineData("vmdk", "sparse.vmdk", 20, 8)] // sectors of a grain
    [InlineData("vmdk", "sparse.vmdk", 44, 4)] // entries of a grain table
    [InlineData("vhd", "dynamic.vhd", 48, 8)] // bytes of the disk
    [InlineData("vhd", "dynamic.vhd", 512 + 28, 4)] // entries of the block table
    [InlineData("vdi", "dynamic.vdi", 368, 8)] // bytes of the disk
    [InlineData("vdi", "dynamic.vdi", 384, 4)] // entries of the block table
    [InlineData("ova", "bundle.ova", 124, 8)] // bytes of a member
    [InlineData("gpt", "gpt.raw", 512 + 80, 4)] // entries
    [InlineData("gpt", "gpt.raw", 512 + 84, 4)] // bytes of an entry
    [InlineData("ntfs", "ntfs.raw", 0x28, 8)] // sectors of the volume
    [InlineData("ntfs", "ntfs.raw", 0x40, 1)] // bytes of a file record
    [InlineData("fat", "fat16.raw", 0x20, 4)] // sectors of the volume
    [InlineData("fat", "fat16.raw", 0x16, 2)] // sectors of a table
    [InlineData("iso", "files.iso", (16 * 2048) + 80, 8)] // blocks of the volume
    [InlineData("iso", "files.iso", (16 * 2048) + 156 + 10, 8)] // bytes of the root directory
    [InlineData("regf", "system.hive", 0x28, 4)] // bytes of the bins
    [InlineData("regf", "system.hive", 4096 + 8, 4)] // bytes of a bin
    [InlineData("record", "disk.raw.h2kv-pending", 128, 8)] // files and regions
    [InlineData("pe", "twice.sys", 0x58 + 0x90, 8)] // place and bytes of the signatures
    public void A_gigantic_declared_size_costs_no_memory(string parser, string seed, int offset, int size)
    {
        FuzzTarget target = FuzzTargets.All.Single(target => target.Name == parser);
        IReadOnlyList<FuzzPart> sound = SeedFiles.Load(target, data: null).Single(parts => parts[0].Name == seed);
        foreach (byte high in (byte[])[0xFF, 0x7F, 0x40, 0x00])
        {
            FuzzPart[] parts = [.. sound.Select(part => part with { Bytes = [.. part.Bytes] })];
            Span<byte> field = parts[0].Bytes.AsSpan(offset, size);
            field.Fill(0xFF);
            field[0] = field[^1] = high; // whichever end is the high one
            target.Repair(parts);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => target.Run(parts));
            Assert.True(error is null or Hyper2KvmException or IOException, $"{error}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }
    }

    private static byte[] Damaged(Action<NtfsPatch, long, long> damage)
    {
        NtfsPatch patch = new(SeedFiles.Load(FuzzTargets.All.Single(target => target.Name == "ntfs"), data: null)[0][0].Bytes);
        long number = patch.NumberOf(Folder);
        damage(patch, number, patch.FirstChild(number, "$I30"));
        return patch.Bytes;
    }

    /// <summary>Listing, looking up, writing and checking: the first three fail, the last one tells.</summary>
    private static void Refused(byte[] bytes)
    {
        MemoryBlockDevice device = new(bytes, 512);
        NtfsVolume volume = NtfsVolume.Open(device);
        Assert.IsAssignableFrom<Hyper2KvmException>(Record.Exception(() => volume.List(Folder).Count()));
        foreach (string name in (string[])["0", "file-3.txt", "zzz"])
        {
            Exception? error = Record.Exception(() => volume.Find(Folder + @"\" + name));
            Assert.True(error is null or Hyper2KvmException, $"{error}");
        }

        Exception? written = Record.Exception(() =>
            NtfsWriter.Open(new OverlayBlockDevice(device)).WriteFile(Folder + @"\file-0.txt", new MemoryBlockDevice([1]), TestHive.Now));
        Assert.True(written is null or Hyper2KvmException, $"{written}");
        Assert.Contains(NtfsChecker.Check(device, default), finding => finding.Id == "NtfsIndexDamaged");
    }

    /// <summary>The key node with this name, which is stored in ASCII at 0x4C of it; a cell's size comes first.</summary>
    private static int CellOf(byte[] hive, string name)
    {
        for (int at = 4096 + 32; at + 4 + 0x4C + name.Length < hive.Length; at += 8)
        {
            if (hive.AsSpan(at + 4).StartsWith("nk"u8) && hive.AsSpan(at + 4 + 0x4C).StartsWith(System.Text.Encoding.ASCII.GetBytes(name)))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"There is no key '{name}'.");
    }
}
