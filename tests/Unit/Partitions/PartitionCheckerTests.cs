using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Fuzz;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Unit.Partitions;

/// <summary>Partition tables that sgdisk and sfdisk made, each damaged in one way.</summary>
public class PartitionCheckerTests
{
    private const int Sector = 512;
    private const int Entry = 128;
    private const int Entries = 2 * Sector;
    private const int ActiveFlag = 0x1BE;

    private static readonly byte[] s_gpt = Seed("gpt");
    private static readonly byte[] s_mbr = Seed("mbr");

    [Fact]
    public void Sound_tables_have_no_findings()
    {
        Assert.Empty(Check(s_gpt));
        Assert.DoesNotContain(Check(s_mbr), finding => !finding.IsHarmless);
    }

    [Fact]
    public void A_damaged_copy_is_found_and_which()
    {
        Expect("GptPrimaryDamaged", false, disk => disk[Sector + 16]++); // the header's own checksum
        Expect("GptPrimaryDamaged", false, disk => disk[Sector + 56]++); // the disk's id
        Expect("GptPrimaryDamaged", false, disk => disk[Entries + 40]++); // where a partition ends
        Expect("GptPrimaryDamaged", false, disk => disk[Sector]++);
        Expect("GptBackupDamaged", true, disk => disk[^(Sector - 56)]++);
        Expect("GptBackupDamaged", true, disk => disk[^((33 * Sector) - 40)]++);
        Expect("GptDamaged", false, disk =>
        {
            disk[Sector + 56]++;
            disk[^(Sector - 56)]++;
        });
    }

    [Fact]
    public void Copies_that_are_whole_but_differ_are_found() => Expect("GptCopiesDiffer", true, disk =>
    {
        disk[Entries + 56] = (byte)'X'; // a partition's name
        Seal(disk);
    });

    [Fact]
    public void A_backup_that_is_not_at_the_end_is_found()
    {
        byte[] grown = [.. s_gpt, .. new byte[8 * Sector]];
        Assert.Contains(Check(grown), finding => finding is { Id: "GptBackupMisplaced", IsHarmless: true });
        Assert.DoesNotContain(Check(grown), finding => !finding.IsHarmless);
    }

    [Fact]
    public void Entries_that_cannot_be_are_found()
    {
        Expect("GptIdTwice", false, disk => disk.Slice(Entries + 16, 16).CopyTo(disk[(Entries + Entry + 16)..]), seals: true);
        Expect("GptPartitionOverTable", false, disk => Le.U64(disk, Entries + 32, 33UL), seals: true);
        Expect("DiskTruncated", false, disk => Le.U64(disk, Entries + 40, 1UL << 40), seals: true);
        Expect("PartitionsOverlap", false, disk => Le.U64(disk, Entries + 40, 201UL), seals: true);
        Expect("GptEntryDamaged", false, disk => Le.U64(disk, Entries + 40, 10UL), seals: true); // ends before it begins
    }

    [Fact]
    public void The_mbr_that_protects_a_gpt_is_checked()
    {
        Expect("ProtectiveMbrWrong", true, disk => disk[ActiveFlag + 8] = 2);
        Expect("ProtectiveMbrMissing", false, disk => disk[ActiveFlag..(ActiveFlag + 64)].Clear());
        Expect("PartitionTableOdd", true, disk =>
        {
            disk[ActiveFlag + 16 + 4] = 7;
            Le.U32(disk, ActiveFlag + 16 + 8, 201u);
            Le.U32(disk, ActiveFlag + 16 + 12, 100u);
        });
    }

    private static IReadOnlyList<PartitionFinding> Check(byte[] disk) => PartitionChecker.Check(new MemoryBlockDevice(disk, Sector));

    private static void Expect(string id, bool isHarmless, Edit damage, bool seals = false)
    {
        byte[] disk = [.. s_gpt];
        damage(disk);
        if (seals)
        {
            Seal(disk);
        }

        IReadOnlyList<PartitionFinding> findings = Check(disk);
        Assert.True(findings.Any(finding => finding.Id == id && finding.IsHarmless == isHarmless), $"{id} is not among: {string.Join('\n', findings)}");
    }

    /// <summary>The primary copy's checksums.</summary>
    private static void Seal(Span<byte> disk)
    {
        Le.U32(disk, Sector + 88, Crc32.Compute(disk.Slice(Entries, 128 * Entry)));
        Le.U32(disk, Sector + 16, 0u);
        Le.U32(disk, Sector + 16, Crc32.Compute(disk.Slice(Sector, 92)));
    }

    private static byte[] Seed(string name) => SeedFiles.Load(FuzzTargets.All.Single(target => target.Name == name), data: null)[0][0].Bytes;

    private delegate void Edit(Span<byte> disk);
}
