using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

public partial class FreeSpaceTests
{
    private const int VolumeSize = 64 * 1024 * 1024;
    private const int Cluster = 4096;
    private static readonly ConversionSettings s_raw = new(ImageFormat.Raw);

    /// <summary>16383 clusters, so the bitmap's last byte has seven: fstrim of ntfs-3g takes them for free.</summary>
    [OracleFact("mkntfs", "ntfsinfo", "ntfscp", "ntfscat")]
    public void Last_clusters_of_a_full_volume_are_kept()
    {
        using TempFolder folder = new();
        string disk = Volume(folder);
        byte[] content = Fill(folder, disk, free => free - 16);
        Assert.Equal(0x7F, ForeignTool.Bytes("ntfscat", "-i", "6", disk)[2047] & 0x7F);

        string copy = folder.File("copy.raw");
        DiskConversion result = Conversions.Run(disk, copy, s_raw, skipFreeSpace: true);

        Assert.InRange(result.BytesLeftOut, 0, 16 * Cluster);
        Assert.True(content.AsSpan().SequenceEqual(ForeignTool.Bytes("ntfscat", copy, "big.bin")));
        byte[] before = File.ReadAllBytes(disk);
        byte[] after = File.ReadAllBytes(copy);
        Assert.True(before.AsSpan(16376 * Cluster).SequenceEqual(after.AsSpan(16376 * Cluster)), "the last clusters or the boot sector behind them");
    }

    [OracleFact("mkntfs", "ntfsinfo", "ntfscp", "ntfscat", "ntfsfix")]
    public void What_is_free_and_what_pages_hold_is_left_out_and_all_else_is_kept()
    {
        using TempFolder folder = new();
        string disk = Volume(folder);
        byte[] content = Fill(folder, disk, free => free / 2);
        byte[] pages = new byte[5 << 20];
        new Random(2).NextBytes(pages);
        File.WriteAllBytes(folder.File("pages"), pages);
        ForeignTool.RunOk("ntfscp", "-q", disk, folder.File("pages"), "pagefile.sys");

        string copy = folder.File("copy.raw");
        DiskConversion result = Conversions.Run(disk, copy, s_raw, skipFreeSpace: true);

        Assert.InRange(result.BytesLeftOut, 30 << 20, VolumeSize / 2);
        Assert.InRange(result.BytesWritten, content.Length, VolumeSize - result.BytesLeftOut);
        Assert.True(content.AsSpan().SequenceEqual(ForeignTool.Bytes("ntfscat", copy, "big.bin")));
        byte[] left = ForeignTool.Bytes("ntfscat", copy, "pagefile.sys");
        Assert.Equal(pages.Length, left.Length);
        Assert.InRange(left.AsSpan().Count((byte)0), pages.Length - (256 << 10), pages.Length);
        ForeignTool.RunOk("ntfsfix", "-n", copy);
        Assert.True(File.ReadAllBytes(disk).AsSpan(VolumeSize - Cluster).SequenceEqual(File.ReadAllBytes(copy).AsSpan(VolumeSize - Cluster)));
    }

    [OracleFact("mkntfs", "ntfsinfo", "ntfscp", "ntfsfix")]
    public void Dirty_or_hibernated_volume_is_copied_whole_and_that_is_said()
    {
        using TempFolder folder = new();
        string dirty = Volume(folder);
        ForeignTool.RunOk("ntfsfix", dirty); // leaves the volume marked dirty
        CopiedWhole(folder, dirty, "dirty");

        string hibernated = Volume(folder);
        File.WriteAllBytes(folder.File("hiber"), [.. "HIBR"u8, .. new byte[100_000]]);
        ForeignTool.RunOk("ntfscp", "-q", hibernated, folder.File("hiber"), "hiberfil.sys");
        CopiedWhole(folder, hibernated, "hibernated");
    }

    [DataFact("ntfs/win-vss-1G.qcow2")]
    public void Volume_with_shadow_copies_is_copied_whole()
    {
        using TempFolder folder = new();
        CopiedWhole(folder, SharedData.PathOf("ntfs/win-vss-1G.qcow2"), "shadow copies");
    }

    private static void CopiedWhole(TempFolder folder, string disk, string word)
    {
        WarningReporter reporter = new();
        string copy = folder.File(word + ".qcow2");
        DiskConversion result = Conversions.Run(disk, copy, skipFreeSpace: true, reporter: reporter);
        Assert.Equal(0, result.BytesLeftOut);
        Assert.Contains(reporter.Warnings, warning => warning.Contains(word, StringComparison.Ordinal));
        ForeignTool.RunOk("qemu-img", "compare", disk, copy);
    }

    /// <summary>A volume made over random bytes: what is free is not zero.</summary>
    private static string Volume(TempFolder folder)
    {
        string path = folder.File(Guid.NewGuid().ToString("N") + ".raw");
        byte[] random = new byte[VolumeSize];
        new Random(1).NextBytes(random);
        File.WriteAllBytes(path, random);
        ForeignTool.RunOk("mkntfs", "-F", "-Q", "-q", "-c", $"{Cluster}", path);
        return path;
    }

    private static byte[] Fill(TempFolder folder, string disk, Func<int, int> clusters)
    {
        int free = int.Parse(FreeClusters().Match(ForeignTool.RunOk("ntfsinfo", "-m", disk)).Groups[1].Value, CultureInfo.InvariantCulture);
        byte[] content = new byte[clusters(free) * Cluster];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(folder.File("big"), content);
        ForeignTool.RunOk("ntfscp", "-q", disk, folder.File("big"), "big.bin");
        return content;
    }

    [GeneratedRegex(@"Free Clusters:\s*(\d+)")]
    private static partial Regex FreeClusters();

    private sealed class WarningReporter : IReporter
    {
        public List<string> Warnings { get; } = [];

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Add(message);

        public void Progress(string activity, string status, int percent)
        {
        }
    }
}
