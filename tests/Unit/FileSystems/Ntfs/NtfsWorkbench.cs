using System.Globalization;
using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>A volume on which our writer works, and the foreign tools that judge it afterwards.</summary>
internal sealed class NtfsWorkbench : IDisposable
{
    public static readonly DateTime Time = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    private readonly TempFolder _temp = new();
    private SortedDictionary<string, string> _expected = new(StringComparer.Ordinal);

    private (int ExitCode, string Output, string Error) _fixBefore;

    private IReadOnlyList<FileSystemFinding> _findingsBefore = [];

    private NtfsWorkbench()
    {
    }

    public string Image => _temp.File("volume");

    public MemoryBlockDevice Device { get; private set; } = new([]);

    /// <summary>What has to be on the volume, in the words of <see cref="NtfsMount.Snapshot()"/>.</summary>
    public IReadOnlyDictionary<string, string> Expected => _expected;

    public NtfsWriter Writer { get; private set; } = null!;

    /// <summary>A volume made by mkntfs and filled through ntfs-3g.</summary>
    public static NtfsWorkbench Make(long sectors, int clusterSize, Action<string>? fill = null, int sectorSize = 512)
    {
        NtfsWorkbench bench = new();
        using (FileStream image = File.Create(bench.Image))
        {
            image.SetLength(sectors * sectorSize);
        }

        ForeignTool.RunOk("mkntfs", "-F", "-Q", "-q", "-I", "-p", "2048", "-H", "255", "-S", "63", "-s", Text(sectorSize), "-c", Text(clusterSize), "-L", "bench", bench.Image, Text(sectors));
        if (fill is not null)
        {
            using NtfsMount mount = new(bench.Image, writable: true);
            fill(mount.Path);
        }

        bench.Open();
        return bench;
    }

    /// <summary>A volume made by Windows.</summary>
    /// <param name="volume">Its bytes.</param>
    /// <param name="keepLog">Else the log, for that was in use when some were copied, is emptied as ntfsfix would.</param>
    public static NtfsWorkbench From(byte[] volume, bool keepLog = false)
    {
        NtfsWorkbench bench = new();
        if (!keepLog)
        {
            EmptyLog(volume);
        }

        File.WriteAllBytes(bench.Image, volume);
        bench.Open();
        return bench;
    }

    public static byte[] Bytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void WriteFile(string path, byte[] content)
    {
        Writer.WriteFile(path, new MemoryBlockDevice(content), Time);
        Expect(path, content);
    }

    public void Expect(string path, byte[] content) =>
        _expected[path.TrimStart('\\')] = $"{content.Length} {Convert.ToHexString(SHA256.HashData(content))}";

    public void CreateDirectory(string path)
    {
        Writer.CreateDirectory(path, Time);
        _expected[path.TrimStart('\\') + "\\"] = "";
    }

    /// <summary>Marks every other free cluster as used: free space in pieces of one cluster.</summary>
    public void TakeEveryOtherCluster()
    {
        NtfsVolume volume = NtfsVolume.Open(Device);
        AttributeData bitmap = volume.Load(new FileReference(FileReference.BitmapNumber, 0)).Require(AttributeType.Data, "");
        byte[] bytes = new byte[(volume.Boot.ClusterCount + 7) / 8];
        long place = bitmap.Runs[0].Lcn * volume.Boot.ClusterSize;
        Device.Read(place, bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] |= 0x55;
        }

        Device.Write(place, bytes);
        _findingsBefore = NtfsChecker.Check(Device, CancellationToken.None);
        Writer = NtfsWriter.Open(Device);
    }

    /// <summary>Hands the volume to ntfs-3g, ntfsresize and ntfsfix, and compares every file.</summary>
    /// <param name="countClusters">False when clusters were taken that belong to nothing.</param>
    public void Judge(bool countClusters = true)
    {
        Writer.Flush();
        File.WriteAllBytes(Image, Device.ToArray());
        Assert.Equal(_fixBefore, ForeignTool.Run("ntfsfix", "-n", Image));
        ForeignTool.RunOk("ntfsinfo", "-m", Image);
        if (countClusters)
        {
            string check = ForeignTool.RunOk("ntfsresize", "-f", "-i", Image);
            Assert.DoesNotContain("ERROR", check, StringComparison.Ordinal);
        }

        Assert.Equal(_findingsBefore, NtfsChecker.Check(Device, CancellationToken.None));
        Assert.Equal(_expected, NtfsMount.Snapshot(NtfsVolume.Open(Device)));
        using NtfsMount mount = new(Image);
        Assert.Equal(_expected, mount.Snapshot());
    }

    public void Dispose() => _temp.Dispose();

    private static void EmptyLog(byte[] volume)
    {
        NtfsBootSector boot = NtfsBootSector.Read(volume);
        MasterFileTable table = MasterFileTable.Open(new MemoryBlockDevice(volume, 512), boot);
        foreach (DataRun run in NtfsFile.Load(table, new FileReference(FileReference.LogFileNumber, 0)).Require(AttributeType.Data, "").Runs)
        {
            volume.AsSpan((int)(run.Lcn * boot.ClusterSize), (int)(run.Count * boot.ClusterSize)).Fill(0xFF);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Open()
    {
        using (NtfsMount mount = new(Image))
        {
            _expected = mount.Snapshot();
        }

        _fixBefore = ForeignTool.Run("ntfsfix", "-n", Image);
        Device = new MemoryBlockDevice(File.ReadAllBytes(Image), 512);
        _findingsBefore = NtfsChecker.Check(Device, CancellationToken.None);
        Writer = NtfsWriter.Open(Device);
    }
}
