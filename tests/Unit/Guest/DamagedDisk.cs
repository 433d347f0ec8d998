using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Unit.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>The sample guest as a raw disk that is damaged on purpose.</summary>
internal sealed class DamagedDisk
{
    private readonly byte[] _bytes;
    private readonly PartitionTable _table;

    public DamagedDisk(TempFolder folder)
    {
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        _bytes = new byte[image.Length];
        image.Read(0, _bytes);
        _table = PartitionTable.Read(image);
        Path = folder.File("damaged.raw");
        File.WriteAllBytes(Path, _bytes);
    }

    /// <summary>The raw image.</summary>
    public string Path { get; }

    /// <summary>Damages the disk so that the finding must come up.</summary>
    public void Damage(string finding)
    {
        switch (finding)
        {
            case "GptPrimaryDamaged":
                Bytes(disk => disk[512 + 60]++);
                break;
            case "GptBackupDamaged":
                Bytes(disk => disk[^(512 - 60)]++);
                break;
            case "ProtectiveMbrMissing":
                Bytes(disk => disk[0x1BE..0x1FE].Clear());
                break;
            case "NtfsLinkCountWrong":
                Ntfs(patch => patch.Record(@"\Windows\System32\drivers", record => record[0x12]++));
                break;
            case "NtfsClusterOwnedTwice":
                CrossLink(@"\Windows\System32\config\SOFTWARE", @"\Windows\System32\config\SYSTEM");
                break;
            case "NtfsClusterNotMarked":
                Unmark(@"\Windows\System32\config\SYSTEM");
                break;
            case "HiveChecksumWrong":
                Ntfs(patch => patch.Stream(patch.NumberOf(@"\Windows\System32\config\SOFTWARE"), AttributeType.Data, "", 0x30, bytes => bytes[0]++));
                break;
            case "FatCopiesDiffer":
                Volume(1, volume =>
                {
                    FatBootSector boot = FatBootSector.Read(volume[..512], volume.Length);
                    volume[(int)boot.FatOffset + 200] ^= 1;
                });
                break;
            default:
                throw new ArgumentException($"No damage is known for {finding}.", nameof(finding));
        }
    }

    public void Volume(int partition, NtfsPatch.Edit edit)
    {
        BlockRange range = RangeOf(partition);
        edit(_bytes.AsSpan((int)range.Offset, (int)range.Length));
        File.WriteAllBytes(Path, _bytes);
    }

    public void Ntfs(Action<NtfsPatch> edit)
    {
        BlockRange range = RangeOf(3);
        NtfsPatch patch = new(_bytes.AsSpan((int)range.Offset, (int)range.Length).ToArray());
        edit(patch);
        Volume(3, volume => patch.Bytes.CopyTo(volume));
    }

    private void Bytes(NtfsPatch.Edit edit)
    {
        edit(_bytes);
        File.WriteAllBytes(Path, _bytes);
    }

    /// <summary>The first run of one file comes to lie where that of the other is.</summary>
    private void CrossLink(string path, string other) => Ntfs(patch =>
    {
        byte[] target = [];
        patch.Record(other, record => target = FirstRun(record).ToArray());
        patch.Record(path, record =>
        {
            Span<byte> run = FirstRun(record);
            Assert.Equal(run[0] >> 4, target[0] >> 4);
            target.AsSpan(1 + (target[0] & 15), target[0] >> 4).CopyTo(run[(1 + (run[0] & 15))..]);
        });
    });

    private static Span<byte> FirstRun(Span<byte> record) => NtfsPatch.MappingPairs(record, AttributeType.Data);

    private void Unmark(string path) => Ntfs(patch =>
    {
        long cluster = 0;
        patch.Record(path, record =>
        {
            List<DataRun> runs = [];
            DataRuns.Decode(new AttributeView(NtfsPatch.Attribute(record, AttributeType.Data)), runs, patch.Boot.ClusterCount, 0);
            cluster = runs[0].Lcn;
        });
        patch.Stream(FileReference.BitmapNumber, AttributeType.Data, "", cluster / 8, bytes => bytes[0] ^= (byte)(1 << (int)(cluster % 8)));
    });

    private BlockRange RangeOf(int partition) => _table.Entries.Single(entry => entry.Number == partition).Range;
}
