using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>Linux with its ntfs3 driver, in a QEMU machine, goes on where our writer left off: on volumes of Windows and of mkntfs.</summary>
/// <remarks>What Linux does is told in <see cref="Scenarios.KernelScenarioTests"/>.</remarks>
public class NtfsLinuxTests
{
    private const string Drivers = @"\Windows\System32\drivers";

    [LinuxFact("mkntfs", "ntfs-3g", "umount")]
    public void Linux_takes_volumes_that_our_writer_filled()
    {
        using TempFolder folder = new();
        using NtfsWorkbench small = NtfsWorkbench.Make(60_000, 512);
        using NtfsWorkbench scattered = NtfsWorkbench.Make(100_000, 4096);
        scattered.TakeEveryOtherCluster();
        using NtfsWorkbench large = NtfsWorkbench.Make(200_000, 65536);
        Judge(folder, ("small", small), ("scattered", scattered), ("large", large));
    }

    [LinuxFact("mkntfs", "ntfs-3g", "umount", "@" + NtfsSamples.TestVolume, "@" + NtfsSamples.IndexDisk)]
    public void Linux_takes_volumes_of_Windows_that_our_writer_filled()
    {
        using TempFolder folder = new();
        using NtfsWorkbench test = NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.TestVolume));
        using NtfsWorkbench index = NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.IndexDisk), keepLog: true);
        Judge(folder, ("test", test), ("index", index));
    }

    private static void Judge(TempFolder folder, params (string Name, NtfsWorkbench Bench)[] volumes)
    {
        string driver = $@"{Drivers}\viostor-2093.sys";
        foreach ((_, NtfsWorkbench bench) in volumes)
        {
            Fill(bench);
            File.WriteAllBytes(bench.Image, bench.Device.ToArray());
        }

        LinuxJudge linux = new(
            folder, null, driver, "q35",
            [.. volumes.Select(volume => new LinuxDisk(volume.Name, "virtio-blk-pci", volume.Bench.Image, "raw"))]);

        linux.HasNoComplaint();
        foreach ((string name, NtfsWorkbench bench) in volumes)
        {
            Dictionary<string, string> tree = linux.Tree(name, "first");
            Assert.Equal(Expected(bench), Lines(tree));
            Assert.True(tree.Remove(driver));
            Assert.Equal(Lines(LinuxJudge.Written(tree, @"\Windows")), Lines(linux.Tree(name, "second")));
            HashSet<string> known = [.. NtfsChecker.Check(bench.Device, CancellationToken.None).Select(finding => finding.Id)];
            Assert.DoesNotContain(LinuxJudge.Check(linux.VolumeAfter(name)), finding => !known.Contains(finding.Id));
        }
    }

    /// <summary>What has to be on the volume, in the judge's words.</summary>
    private static string[] Expected(NtfsWorkbench bench) =>
    [
        .. bench.Expected
            .Select(entry => entry.Key[^1] == '\\' ? $@"\{entry.Key[..^1]}: dir" : $@"\{entry.Key}: {entry.Value.Split(' ')[1].ToLowerInvariant()}")
            .Append(": dir")
            .Order(StringComparer.Ordinal),
    ];

    private static string[] Lines(Dictionary<string, string> tree) =>
        [.. tree.Select(entry => $"{entry.Key}: {entry.Value}").Order(StringComparer.Ordinal)];

    private static void Fill(NtfsWorkbench bench)
    {
        foreach (string directory in (string[])[@"\Windows", @"\Windows\System32", Drivers, @"\Windows\INF"])
        {
            bench.CreateDirectory(directory);
        }

        for (int i = 0; i < 300; i++)
        {
            bench.WriteFile($@"{Drivers}\viostor-{i * 7}.sys", NtfsWorkbench.Bytes(i, i * 37));
        }

        bench.Writer.Flush();
    }
}
