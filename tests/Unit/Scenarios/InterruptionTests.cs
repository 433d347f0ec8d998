using Hyper2Kvm.Blocks;
using Hyper2Kvm.Conversion;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Ctrl+C: nothing reads on after it, the source is as it was, and of the result there is all or nothing.</summary>
public class InterruptionTests
{
    private static readonly Lazy<WindowsLayout> s_layout = new(() => Plans.Probe(Fixtures.SampleDisk));

    /// <summary>What a cmdlet calls on a disk, by the name of the cmdlet. Most are handed no token: reading alone must stop them.</summary>
    private static readonly Dictionary<string, Action<string, IReporter, CancellationToken>> s_works = new()
    {
        ["Get-WindowsLayout"] = (disk, reporter, _) => LayoutProbe.Probe(disk, null, reporter),
        ["Get-WindowsNetwork"] = (disk, reporter, _) => WindowsNetworkReader.Read(s_layout.Value, null, disk, reporter),
        ["Get-BcdStore"] = (disk, reporter, _) => BcdReader.Read(disk, null, reporter),
        ["Test-Bcd"] = (disk, reporter, _) => BcdReader.Test(disk, null, null, reporter),
        ["Test-VirtioReadiness"] = (disk, reporter, _) => VirtioReadinessReader.Test(disk, null, null, null, reporter),
        ["Test-WindowsDisk"] = (disk, reporter, _) => DiskChecker.Check(disk, false, reporter, CancellationToken.None),
        ["Repair-Bcd"] = (disk, reporter, _) => BcdRepairer.Plan(disk, s_layout.Value, reporter),
        ["Backup-Bcd"] = (disk, reporter, _) => BcdBackupWriter.Save(
            new BcdBackupRequest { Layout = s_layout.Value, ImagePath = disk, OutputDirectory = Path.GetDirectoryName(disk)! }, reporter),
        ["Add-BootStartStorage"] = (disk, reporter, _) => GuestEditor.Run(Request(disk), reporter, CancellationToken.None),
        ["Convert-DiskImage"] = (disk, reporter, token) => DiskConverter.Run(
            new DiskConversionRequest { ImagePath = disk, Settings = new ConversionSettings(ImageFormat.Qcow2, ImageCompression.None) }, reporter, token),
    };

    public static TheoryData<string> Works => [.. s_works.Keys];

    [Fact]
    public void No_file_is_read_after_it_and_other_flows_of_work_go_on()
    {
        using CancellationTokenSource stop = new();
        using FileBlockDevice file = new(Fixtures.SampleDisk);
        byte[] sector = new byte[512];
        bool wasRead = false;
        Assert.Throws<OperationCanceledException>(() => Interruption.StopsBy(
            () =>
            {
                file.Read(0, sector);
                stop.Cancel();
                Interruption.Holds(() =>
                {
                    file.Read(0, sector);
                    return wasRead = true;
                });
                Thread other = new(() => file.Read(0, sector));
                other.UnsafeStart();
                other.Join();
                Assert.Throws<OperationCanceledException>(() => file.Read(512, new byte[512]));
                Task.Run(() => file.Read(0, sector)).GetAwaiter().GetResult();
            },
            stop.Token));
        Assert.True(wasRead);
        file.Read(0, sector);
    }

    [Theory]
    [MemberData(nameof(Works))]
    public void A_work_that_is_stopped_at_its_first_word_writes_nothing(string cmdlet)
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Dictionary<string, string> before = Files(folder);
        using CancellationTokenSource stop = new();
        CountingStop reporter = new(stop, after: 1);

        Assert.ThrowsAny<OperationCanceledException>(() => Interruption.StopsBy(() => s_works[cmdlet](disk, reporter, stop.Token), stop.Token));

        Assert.Equal(before, Files(folder));
    }

    /// <summary>Wherever it is pressed: either nothing was done, or all of it, with its line in the change log.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_edit_that_is_stopped_is_done_wholly_or_not_at_all(bool inPlace)
    {
        int stopped = 0;
        bool isDone = false;
        for (int after = 1; !isDone; after++)
        {
            using TempFolder folder = new();
            string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
            if (inPlace)
            {
                disk = MakeRaw(disk);
            }

            Dictionary<string, string> before = Files(folder);
            using CancellationTokenSource stop = new();
            CountingStop reporter = new(stop, after);
            try
            {
                Interruption.StopsBy(() => GuestEditor.Run(Request(disk) with { InPlace = inPlace }, reporter, stop.Token), stop.Token);
                isDone = !stop.IsCancellationRequested;
                string result = inPlace ? disk : Path.ChangeExtension(disk, ".kvm.qcow2");
                Assert.Single(File.ReadAllLines(result + ".h2kv.jsonl"));
                Assert.True(Plans.Probe(result).IsVirtioBootReady);
                Assert.DoesNotContain(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), IsUnfinished);
            }
            catch (OperationCanceledException)
            {
                stopped++;
                Assert.Equal(before, Files(folder));
            }
        }

        Assert.True(stopped >= 5, $"{stopped}");
    }

    private static Dictionary<string, string> Files(TempFolder folder) =>
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ToDictionary(file => file, EditedGuest.Hash);

    private static bool IsUnfinished(string file) => file.EndsWith(".tmp", StringComparison.Ordinal) || file.EndsWith(".h2kv-pending", StringComparison.Ordinal);

    private static string MakeRaw(string disk)
    {
        string raw = Path.ChangeExtension(disk, ".raw");
        DiskConverter.Run(
            new DiskConversionRequest { ImagePath = disk, Destination = raw, Settings = new ConversionSettings(ImageFormat.Raw, ImageCompression.None) },
            SilentReporter.Instance, CancellationToken.None);
        File.Delete(disk);
        return raw;
    }

    private static GuestEditRequest Request(string disk) => Plans.Request(Plans.Plan(Fixtures.SampleDisk), disk);
}
