using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>What chkdsk checks besides files and directories: object ids, reparse points, quotas, bad clusters, the end of $Bitmap. On a volume
/// that ntfs-3g made, which is sound until it is damaged here.</summary>
public class NtfsCheckerExtendTests
{
    private const string Id = "0x00112233445566778899aabbccddeeff";
    private const string Junction = "0x030000a01a00000000000e00100000005c003f003f005c0043003a005c0000000000";

    private static readonly Lazy<byte[]> s_good = new(Make);

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void A_sound_volume_has_no_findings() => Assert.Empty(Check(s_good.Value));

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Object_ids_that_do_not_match_their_index_are_found()
    {
        Expect("NtfsObjectIdIndexWrong", p => p.Record("\\linked", record => NtfsPatch.Value(record, AttributeType.ObjectId)[3]++));
        Expect("NtfsObjectIdIndexWrong", p => p.Record("\\$Extend\\$ObjId", record => Empty(NtfsPatch.Value(record, AttributeType.IndexRoot, "$O"))));
    }

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Reparse_points_that_do_not_match_their_index_are_found()
    {
        Expect("NtfsReparseIndexWrong", p => p.Record("\\junction", record => NtfsPatch.Value(record, AttributeType.ReparsePoint)[0]++));
        Expect("NtfsReparseIndexWrong", p => p.Record("\\$Extend\\$Reparse", record => Empty(NtfsPatch.Value(record, AttributeType.IndexRoot, "$R"))));
    }

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Owners_of_quotas_that_do_not_match_are_found()
    {
        Expect("NtfsQuotaIndexWrong", p => p.Record("\\$Extend\\$Quota", record => Empty(NtfsPatch.Value(record, AttributeType.IndexRoot, "$O"))));
        Expect("NtfsQuotaIndexWrong", p => p.Record("\\$Extend\\$Quota", record => Empty(NtfsPatch.Value(record, AttributeType.IndexRoot, "$Q"))));
    }

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Bad_clusters_and_the_end_of_the_bitmap_are_checked()
    {
        Expect("NtfsBadClustersWrong", p => p.Record(FileReference.BadClustersNumber, record =>
            NtfsPatch.MappingPairs(record, AttributeType.Data, "$Bad")[1]--));
        Expect("NtfsBitmapTailWrong", p =>
        {
            long last = p.Boot.ClusterCount;
            Assert.NotEqual(0, last % 8);
            p.Stream(FileReference.BitmapNumber, AttributeType.Data, "", last / 8, bytes => bytes[0] &= (byte)(0xFF ^ (1 << (int)(last % 8))));
        });
    }

    [OracleFact("mkntfs", "ntfs-3g", "setfattr", "fusermount")]
    public void Sizes_in_a_directory_that_are_not_the_files_are_found()
    {
        Expect("NtfsIndexEntrySizesWrong", p => p.Record("\\folder", record =>
        {
            Span<byte> entry = NtfsPatch.Value(record, AttributeType.IndexRoot, "$I30")[0x20..];
            Assert.Equal(5, Le.I64(entry, 0x10 + 0x30));
            entry[0x10 + 0x30]++;
        }), "\\folder\\file");
    }

    /// <summary>The entries go; what they were about stays.</summary>
    private static void Empty(Span<byte> root)
    {
        Le.U32(root, 0x14, 0x20);
        root[0x20..0x30].Clear();
        root[0x28] = 0x10;
        root[0x2C] = 2;
    }

    private static void Expect(string id, Action<NtfsPatch> damage, params GuestPath[] paths)
    {
        NtfsPatch patch = new(s_good.Value);
        damage(patch);
        IReadOnlyList<FileSystemFinding> findings = Check(patch.Bytes);
        Assert.True(findings.Any(finding => finding.Id == id), $"{id} is not among: {string.Join('\n', findings)}");
        if (paths.Length > 0)
        {
            Assert.Contains(NtfsChecker.CheckPaths(new MemoryBlockDevice(patch.Bytes, 512), paths), finding => finding.Id == id);
        }
    }

    private static IReadOnlyList<FileSystemFinding> Check(byte[] volume) => NtfsChecker.Check(new MemoryBlockDevice(volume, 512), default);

    private static byte[] Make()
    {
        using TempFolder folder = new();
        string image = folder.File("n.img");
        using (FileStream file = File.Create(image))
        {
            file.SetLength((8 << 20) + 20480);
        }

        ForeignTool.RunOk("mkntfs", "-Q", "-F", "-q", image);
        string mount = Directory.CreateDirectory(folder.File("mnt")).FullName;
        ForeignTool.RunOk("ntfs-3g", "-o", "no_def_opts,silent", image, mount);
        try
        {
            File.WriteAllText(Path.Combine(mount, "linked"), "x");
            Directory.CreateDirectory(Path.Combine(mount, "junction"));
            Directory.CreateDirectory(Path.Combine(mount, "folder"));
            File.WriteAllText(Path.Combine(mount, "folder", "file"), "12345");
            ForeignTool.RunOk("setfattr", "-h", "-n", "system.ntfs_object_id", "-v", Id, Path.Combine(mount, "linked"));
            ForeignTool.RunOk("setfattr", "-h", "-n", "system.ntfs_reparse_data", "-v", Junction, Path.Combine(mount, "junction"));
        }
        finally
        {
            ForeignTool.RunOk("fusermount", "-u", mount);
        }

        return File.ReadAllBytes(image);
    }
}
