using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Crash;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Whatever a few wrong bytes make of an image: it is refused, or read as QEMU reads the same bytes, or read as it was before.</summary>
public class MutatedImageTests
{
    private const int Size = 300 * 1024;
    private const int Sector = 512;

    public static TheoryData<string> Variants =>
    [
        "qcow2", "qcow2 -o cluster_size=512", "qcow2 -o extended_l2=on", "qcow2 -c", "qcow2 -c -o compression_type=zstd",
        "vmdk", "vmdk -o subformat=streamOptimized", "vpc -o force_size=on", "vpc -o force_size=on,subformat=fixed",
        "vhdx -o block_size=1M", "vdi", "vdi -o static=on",
    ];

    [OracleTheory("qemu-img")]
    [MemberData(nameof(Variants))]
    public void Mutated_image_is_refused_or_read_as_QEMU_reads_it(string variant)
    {
        using TempFolder folder = new();
        SampleDisk disk = new(24, Size);
        string path = folder.File("image");
        ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", "-O", .. variant.Split(' '), disk.WriteRaw(folder), path]);
        byte[] whole = File.ReadAllBytes(path);
        int[] tables = SectorsBesideTheDisk(whole, disk.Bytes);
        Random random = new(25);
        int count = CrashFigures.IsSoak ? 900 : 25;
        int refused = 0;
        List<string> wrong = [];
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = [.. whole];
            string change = Mutate(mutant, tables, random);
            File.WriteAllBytes(path, mutant);
            byte[]? ours = Read(path);
            if (ours is null)
            {
                refused++;
            }
            else if (!Agree(ours, disk.Bytes) && !(ReadByQemu(folder, path) is { } theirs && Agree(ours, theirs)))
            {
                wrong.Add(change);
            }
        }

        CrashFigures.Report("mutants", count - wrong.Count, count);
        Assert.True(wrong.Count == 0, $"{variant}: read as neither QEMU nor the disk: {string.Join("; ", wrong)}");
        Assert.InRange(refused, 1, count - 1);
    }

    [OracleFact("qemu-img")]
    public void Mutated_log_is_refused_or_replayed_to_its_end_or_to_before_its_torn_last_entries()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(28, 4 << 20);
        byte[][] allowed = [.. ((int[])[3, 2, 1]).Select(entries => Repaired(folder, VhdxImageTests.MakeDirty(folder, disk, start: 8192, entries)))];
        string path = VhdxImageTests.MakeDirty(folder, disk, start: 8192);
        byte[] whole = File.ReadAllBytes(path);
        int[] log = [.. Enumerable.Range(0, (1 << 20) / Sector).Select(sector => sector + ((1 << 20) / Sector)).Where(
            sector => whole.AsSpan(sector * Sector, Sector).ContainsAnyExcept((byte)0))];
        Random random = new(29);
        int count = CrashFigures.IsSoak ? 600 : 40;
        int[] outcomes = new int[4]; // all three entries, the first two, the first, refused
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = [.. whole];
            string change = Mutate(mutant, log, random);
            File.WriteAllBytes(path, mutant);
            byte[]? ours = Read(path);
            int outcome = ours is null ? allowed.Length : Array.FindIndex(allowed, content => Agree(ours, content));
            Assert.True(outcome >= 0, $"{change}: another disk");
            outcomes[outcome]++;
        }

        Assert.NotEqual(0, outcomes[0] * outcomes[1] * outcomes[3]);
        CrashFigures.Report("mutants", count, count);
    }

    /// <summary>The disk after QEMU has replayed the log in the file.</summary>
    private static byte[] Repaired(TempFolder folder, string path)
    {
        ForeignTool.RunOk("qemu-img", "check", "-r", "all", path);
        return ReadByQemu(folder, path)!;
    }

    /// <summary>Headers, tables, packed clusters: what is not the disk's content as it is.</summary>
    private static int[] SectorsBesideTheDisk(byte[] image, byte[] disk)
    {
        HashSet<string> content = [];
        for (int offset = 0; offset < disk.Length; offset += Sector)
        {
            content.Add(Convert.ToHexString(disk, offset, Sector));
        }

        return [.. Enumerable.Range(0, image.Length / Sector).Where(sector => !content.Contains(Convert.ToHexString(image, sector * Sector, Sector)))];
    }

    /// <summary>One to three fields of one to eight bytes get another value.</summary>
    private static string Mutate(byte[] image, int[] sectors, Random random)
    {
        List<string> changes = [];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int place = (sectors[random.Next(sectors.Length)] * Sector) + random.Next(Sector);
            Span<byte> field = image.AsSpan(place, Math.Min(1 << random.Next(4), image.Length - place));
            switch (random.Next(4))
            {
                case 0:
                    field[0] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    field.Fill((byte)(random.Next(2) * 0xFF));
                    break;
                case 2:
                    random.NextBytes(field);
                    break;
                default:
                    int other = sectors[random.Next(sectors.Length)] * Sector;
                    image.AsSpan(other, field.Length).CopyTo(field);
                    break;
            }

            changes.Add($"{place}+{field.Length}={Convert.ToHexString(field)}");
        }

        return string.Join(",", changes);
    }

    private static bool Agree(byte[] left, byte[] right)
    {
        int common = Math.Min(left.Length, right.Length);
        return left.AsSpan(0, common).SequenceEqual(right.AsSpan(0, common));
    }

    private static byte[]? Read(string path)
    {
        try
        {
            using DiskImage image = ImageDetector.Open(path);
            byte[] content = new byte[Math.Min(Size, image.Length)];
            image.Read(0, content);
            return content;
        }
        catch (Hyper2KvmException)
        {
            return null;
        }
    }

    private static byte[]? ReadByQemu(TempFolder folder, string path)
    {
        string flat = folder.File("flat.raw");
        File.Delete(flat);
        (int exitCode, _, _) = ForeignTool.Run("qemu-img", "dd", "-O", "raw", "bs=65536", $"count={(Size / 65536) + 1}", $"if={path}", $"of={flat}");
        return exitCode == 0 ? File.ReadAllBytes(flat) : null;
    }
}
