using System.Buffers.Binary;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>Volumes of Windows and of ntfs3, damaged in one way each: the checker must call each by its name.</summary>
public class NtfsCheckerDamageTests
{
    private static readonly Lazy<byte[]> s_good = new(() => NtfsSamples.Read(NtfsSamples.LargeDirectory));

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Damaged_file_records_are_found()
    {
        ExpectPath("NtfsFileRecordDamaged", "\\File.txt", p => p.Record("\\File.txt", record => record[0x1C]++));
        ExpectPath("NtfsFileRecordHeaderWrong", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Add(record, 0x18, 8)));
        ExpectPath("NtfsFileRecordHeaderWrong", "\\File.txt", p => p.Record("\\File.txt", record => record[0x2C]++));
        ExpectPath("NtfsAttributeOrderWrong", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Attribute(record, 0x10)[0] = 0x40));
        ExpectPath("NtfsStandardInformationMissing", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Attribute(record, 0x10)[0] = 0x00));
        ExpectPath("NtfsAttributeInstanceWrong", "\\File.txt", p => p.Record("\\File.txt", record => record[0x28] = 0));
        Expect("NtfsDirectoryFlagWrong", p => p.Record("\\Directory", record => record[0x16] = 1));
        ExpectPath("NtfsFileNameDamaged", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Value(record, 0x30)[0x40] = 200));
        ExpectPath("NtfsLinkCountWrong", "\\File.txt", p => p.Record("\\File.txt", record => record[0x12]++));
        Expect("NtfsFileRecordHeaderWrong", p => p.Record("\\File.txt", record => Le.U16(record, 0x10, 0)));
        ExpectPath("NtfsFileNameDamaged", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Attribute(record, 0x30)[0x16] = 0));
        ExpectPath("NtfsDataMissing", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Attribute(record, 0x80)[0] = 0xE0));
        Expect("NtfsExtensionRecordOrphan", p => p.Record("\\File.txt", record => record[0x20] = 50));
        Expect("NtfsFileRecordDamaged", p => p.Bytes[(p.Boot.MftLcn * p.Boot.ClusterSize) + (30 * p.Boot.FileRecordSize) + 510]++);
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Contradictions_of_the_bitmaps_are_found()
    {
        ExpectPath("NtfsMftBitmapWrong", "\\File.txt", p =>
        {
            long number = p.NumberOf("\\File.txt");
            p.Stream(0, AttributeType.Bitmap, "", number / 8, bytes => bytes[0] ^= (byte)(1 << (int)(number % 8)));
        });
        Expect("NtfsMftBitmapWrong", p => p.Stream(0, AttributeType.Bitmap, "", 2, bytes => bytes[0] ^= 0x80));
        ExpectPath("NtfsClusterNotMarked", "\\Random.bin", p =>
        {
            long cluster = FirstCluster(p, "\\Random.bin") + 100;
            p.Stream(FileReference.BitmapNumber, AttributeType.Data, "", cluster / 8, bytes => bytes[0] ^= (byte)(1 << (int)(cluster % 8)));
        });
        Expect("NtfsClustersLost", p => p.Stream(FileReference.BitmapNumber, AttributeType.Data, "", 0, bytes =>
            bytes[bytes[..(int)(p.Boot.ClusterCount / 8)].IndexOf((byte)0)] = 4));
        ExpectPath("NtfsBitmapTooShort", "\\", p => p.Record(FileReference.BitmapNumber, record =>
        {
            Le.I64(NtfsPatch.Attribute(record, 0x80), 0x30, 8);
            Le.I64(NtfsPatch.Attribute(record, 0x80), 0x38, 8);
        }));
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Damaged_runs_and_sizes_are_found()
    {
        ExpectPath("NtfsRunListDamaged", "\\Random.bin", p => p.Record("\\Random.bin", record => NtfsPatch.MappingPairs(record, 0x80)[0] = 0));
        ExpectPath("NtfsRunListDamaged", "\\Random.bin", p => p.Record("\\Random.bin", record => NtfsPatch.MappingPairs(record, 0x80)[4] = 0x7F));
        ExpectPath("NtfsSizesWrong", "\\Random.bin", p => p.Record("\\Random.bin", record => NtfsPatch.Add(NtfsPatch.Attribute(record, 0x80), 0x28, 4096)));
        ExpectPath("NtfsFileRecordDamaged", "\\Random.bin", p => p.Record("\\Random.bin", record => NtfsPatch.Add(NtfsPatch.Attribute(record, 0x80), 0x38, 1)));
        ExpectPath("NtfsHoleInPlainStream", "\\Random.bin", p => p.Record("\\Random.bin", record =>
        {
            Span<byte> pairs = NtfsPatch.MappingPairs(record, 0x80);
            NtfsPatch.Attribute(record, 0x80)[0x0C] = 0;
            pairs[0] &= 0x0F;
            pairs[1 + pairs[0]] = 0;
        }));
        ExpectPath("NtfsCompressionUnitDamaged", "\\Large.txt", p => p.Record("\\Large.txt", record =>
        {
            Span<byte> pairs = NtfsPatch.MappingPairs(record, 0x80);
            Assert.Equal([0x11, 0x01, 0x01, 0x0F, 0x11, 0x01], [pairs[0], pairs[1], pairs[3], pairs[4], pairs[5], pairs[6]]);
            pairs[1]++;
            pairs[4] -= 2;
            pairs[6]++;
        }));
        ExpectPath("NtfsSizesWrong", "\\Large.txt", p => p.Record("\\Large.txt", record => NtfsPatch.Add(NtfsPatch.Attribute(record, 0x80), 0x40, 4096)));
        Expect("NtfsClusterOwnedTwice", p =>
        {
            long other = FirstCluster(p, "\\Large.txt");
            p.Record("\\Random.bin", record => BinaryPrimitives.WriteUInt16LittleEndian(NtfsPatch.MappingPairs(record, 0x80)[3..], (ushort)other));
        }, "\\Random.bin", "\\Large.txt");
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Names_and_index_entries_that_do_not_match_are_found()
    {
        ExpectPath("NtfsNameNotInIndex", "\\File.txt", p => p.Record("\\File.txt", record => NtfsPatch.Value(record, 0x30)[0x42] = (byte)'G'));
        Expect("NtfsIndexEntryStale", p => p.Record("\\File.txt", record => NtfsPatch.Value(record, 0x30)[0x42] = (byte)'G'));
        Expect("NtfsIndexEntryStale", p => p.Record("\\File.txt", record => record[0x16] = 0));
        Expect("NtfsIndexEntryStale", p => p.Record("\\File.txt", record => record[0x10]++));
        NtfsPatch renewed = new(Good);
        renewed.Record("\\File.txt", record => record[0x10]++);
        Assert.Contains(NtfsChecker.CheckPaths(new MemoryBlockDevice(renewed.Bytes, 512), ["\\File.txt"]), finding => finding.Id == "NtfsPathMissing");
        Expect("NtfsNameNotInIndex", p => p.Record("\\File.txt", record => NtfsPatch.Value(record, 0x30)[0] = 0x20));
        Expect("NtfsDirectoryCircle", p => p.Record("\\Directory", record =>
        {
            Span<byte> name = NtfsPatch.Value(record, 0x30);
            Le.U64(name, 0, new FileReference(p.NumberOf("\\Directory"), new FileRecordView(record).Sequence).Value);
        }));
        ExpectNode("NtfsIndexEntryKindWrong", node => node[FirstEntry(node) + 0x10 + 0x3B] ^= 0x10, "NtfsIndexEntryKindWrong");
        ExpectNode("NtfsIndexEntryParentWrong", node => node[FirstEntry(node) + 0x10]++);
        ExpectNode("NtfsIndexEntryStale", node => node[FirstEntry(node)] += 200, "NtfsNameNotInIndex");
        ExpectNode("NtfsIndexOrderWrong", node => node[FirstEntry(node) + 0x10 + 0x42] = (byte)'z', "NtfsNameNotInIndex");
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Damaged_index_nodes_are_found()
    {
        ExpectNode("NtfsIndexDamaged", node => node[0x10]++);
        ExpectNode("NtfsIndexDamaged", node => node[0x1C] -= 8);
        ExpectNode("NtfsIndexDamaged", node => NtfsPatch.Add(node, 0x20, -8));
        ExpectNode("NtfsIndexDamaged", node => node[0x24] ^= 1);
        ExpectNode("NtfsIndexDamaged", node => node[FirstEntry(node) + 8] += 8);
        ExpectNode("NtfsIndexDamaged", node => node[FirstEntry(node) + 0x0C] ^= 1);
        ExpectPath("NtfsIndexBitmapWrong", "\\Large Directory", p =>
            p.Record("\\Large Directory", record => NtfsPatch.Value(record, AttributeType.Bitmap, "$I30")[0] = 0));
        ExpectPath("NtfsIndexNodeOrphan", "\\Large Directory", p => p.Record("\\Large Directory", record =>
        {
            Span<byte> root = NtfsPatch.Value(record, AttributeType.IndexRoot, "$I30");
            Le.U32(root, 0x14, 0x20);
            root[0x1C] = 0;
            root[0x20..0x30].Clear();
            root[0x28] = 0x10;
            root[0x2C] = 2;
        }));
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Damaged_security_descriptors_are_found()
    {
        uint id = 0;
        new NtfsPatch(Good).Record("\\File.txt", record => id = Le.U32(NtfsPatch.Value(record, 0x10), 0x34));
        long offset = 0;
        new NtfsPatch(Good).Stream(FileReference.SecureNumber, AttributeType.Data, "$SDS", 0, bytes =>
        {
            while (Le.U32(bytes, (int)offset + 4) != id)
            {
                offset += (Le.U32(bytes, (int)offset + 0x10) + 15) & ~15;
            }
        });

        ExpectPath("NtfsSecurityIdMissing", "\\File.txt", p => p.Record("\\File.txt", record => Le.U32(NtfsPatch.Value(record, 0x10), 0x34, 0x7FFF)));
        NtfsPatch open = new(Good);
        open.Record("\\File.txt", record => Le.U32(NtfsPatch.Value(record, 0x10), 0x34, 0));
        Assert.Contains(NtfsChecker.CheckPaths(new MemoryBlockDevice(open.Bytes, 512), ["\\File.txt"]), finding => finding.Id == "NtfsSecurityIdMissing");
        ExpectPath("NtfsSecurityDescriptorDamaged", "\\File.txt", p =>
            p.Stream(FileReference.SecureNumber, AttributeType.Data, "$SDS", offset, bytes => bytes[0x30]++));
        ExpectPath("NtfsSecurityCopyDiffers", "\\File.txt", p =>
            p.Stream(FileReference.SecureNumber, AttributeType.Data, "$SDS", offset + 0x40000, bytes => bytes[0x30]++));
        Expect("NtfsSecurityIndexWrong", p => p.Record(FileReference.SecureNumber, record =>
            NtfsPatch.Value(record, AttributeType.IndexRoot, "$SDH")[0x20 + 0x10 + 4]++));
    }

    [DataFact(NtfsSamples.LargeDirectory)]
    public void Damage_to_what_exists_once_is_found()
    {
        ExpectPath("NtfsBackupBootSectorDiffers", "\\", p => p.Bytes[((int)Le.I64(p.Bytes, 0x28) * 512) + 0x30]++);
        ExpectPath("NtfsMirrorDiffers", "\\", p => p.Bytes[(p.Boot.MftMirrorLcn * p.Boot.ClusterSize) + 0x60]++);
        ExpectPath("NtfsVolumeDirty", "\\", p => p.Record(FileReference.VolumeNumber, record => NtfsPatch.Value(record, 0x70)[0x0A] |= 1));
        ExpectPath("NtfsLogDamaged", "\\", p => p.Stream(FileReference.LogFileNumber, AttributeType.Data, "", 0, bytes => bytes[..9000].Clear()));
        ExpectPath("NtfsLogNotClean", "\\", p => p.Stream(FileReference.LogFileNumber, AttributeType.Data, "", 0, bytes => bytes[0x3E] = bytes[0x103E] = 0));
        ExpectPath("NtfsUpcaseDamaged", "\\", p => p.Stream(FileReference.UpcaseNumber, AttributeType.Data, "", 'q' * 2, bytes => bytes[0]++));
        ExpectPath("NtfsBootSectorDamaged", "\\", p => p.Bytes[0x0B]++);
        ExpectPath("NtfsVolumeInformationDamaged", "\\", p => p.Record(FileReference.VolumeNumber, record => NtfsPatch.Attribute(record, 0x70)[0x10] = 8));
        Assert.Equal("NtfsVolumeTruncated", Assert.Single(NtfsChecker.Check(new MemoryBlockDevice(Good[..5_000_000], 512), default)).Id);
    }

    [DataFact(NtfsSamples.AttributeLists)]
    public void Damaged_attribute_lists_are_found()
    {
        byte[] good = NtfsSamples.Read(NtfsSamples.AttributeLists);
        long number = new NtfsPatch(good).FindAttributeList();
        List<AttributeListEntry> entries = [];
        new NtfsPatch(good).Stream(number, AttributeType.AttributeList, "", 0, bytes => entries = ReadList(bytes, number));
        AttributeListEntry extension = entries.First(entry => entry.Record.Number != number);
        int last = entries.SkipLast(1).Sum(entry => entry.Size);

        ExpectOn(good, "NtfsAttributeListStale", p => p.Stream(number, AttributeType.AttributeList, "", last, bytes => bytes[0x18] ^= 0x55));
        ExpectOn(good, "NtfsAttributeListIncomplete", p => p.Stream(number, AttributeType.AttributeList, "", last, bytes => bytes[0x18] ^= 0x55));
        ExpectOn(good, "NtfsAttributeListOrderWrong", p => p.Stream(number, AttributeType.AttributeList, "", last, bytes => bytes[0] = 0x08));
        ExpectOn(good, "NtfsAttributeListDamaged", p => p.Stream(number, AttributeType.AttributeList, "", last, bytes => bytes[4] = 3));
        ExpectOn(good, "NtfsExtensionRecordWrong", p => p.Record(extension.Record.Number, record => record[0x26]++));
        ExpectOn(good, "NtfsExtensionRecordOrphan", p => p.Stream(number, AttributeType.AttributeList, "", 0, bytes =>
        {
            int at = 0;
            foreach (AttributeListEntry entry in entries)
            {
                bytes[at + 0x10] = entry.Record == extension.Record ? (byte)number : bytes[at + 0x10];
                at += entry.Size;
            }
        }));
    }

    private static byte[] Good => s_good.Value;

    private static List<AttributeListEntry> ReadList(ReadOnlySpan<byte> bytes, long number)
    {
        int end = 0;
        while (end + 4 < bytes.Length && Le.U32(bytes, end) is > 0 and <= 0x100 && Le.U16(bytes, end + 4) >= 0x20)
        {
            end += Le.U16(bytes, end + 4);
        }

        return AttributeListEntry.ReadAll(bytes[..end], number);
    }

    private static int FirstEntry(ReadOnlySpan<byte> node) => 0x18 + (int)Le.U32(node, 0x18);

    private static long FirstCluster(NtfsPatch patch, string path)
    {
        long cluster = 0;
        patch.Record(path, record =>
        {
            List<DataRun> runs = [];
            DataRuns.Decode(new AttributeView(NtfsPatch.Attribute(record, 0x80)), runs, patch.Boot.ClusterCount, 0);
            cluster = runs[0].Lcn;
        });
        return cluster;
    }

    /// <summary>Damages the first child node of the large directory; some ids come only from the full check.</summary>
    private static void ExpectNode(string id, NtfsPatch.Edit edit, string? inFullCheckToo = null)
    {
        Action<NtfsPatch> damage = p =>
        {
            long number = p.NumberOf("\\Large Directory");
            p.Node(number, "$I30", p.FirstChild(number, "$I30"), edit);
        };
        if (inFullCheckToo is null)
        {
            ExpectPath(id, "\\Large Directory", damage);
            return;
        }

        Expect(id, damage);
        Expect(inFullCheckToo, damage);
    }

    private static void ExpectPath(string id, string path, Action<NtfsPatch> damage) => Expect(id, damage, path);

    private static void Expect(string id, Action<NtfsPatch> damage, params GuestPath[] paths) => ExpectOn(Good, id, damage, paths);

    /// <summary>The full check names the damage, and so does that of the paths, where some are given.</summary>
    private static void ExpectOn(byte[] good, string id, Action<NtfsPatch> damage, params GuestPath[] paths)
    {
        NtfsPatch patch = new(good);
        damage(patch);
        MemoryBlockDevice device = new(patch.Bytes, 512);
        IReadOnlyList<FileSystemFinding> findings = NtfsChecker.Check(device, default);
        Assert.True(findings.Any(finding => finding.Id == id), $"{id} is not among: {string.Join('\n', findings)}");
        if (paths.Length > 0)
        {
            findings = NtfsChecker.CheckPaths(device, paths);
            Assert.True(findings.Any(finding => finding.Id == id), $"{id} is not among those of the paths: {string.Join('\n', findings)}");
        }
    }
}
