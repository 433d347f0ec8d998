using System.Diagnostics;
using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>Runs all checkers over a disk: its partition table, its volumes, and the hives and boot store of its Windows. Reads only.</summary>
public sealed class DiskChecker
{
    /// <summary>File records that index nodes lead to, and the nodes: asked for more than once.</summary>
    private const int CacheBytes = 32 * 1024 * 1024;

    private const int UnformattedHead = 64 * 1024;

    private readonly DiskImage _image;
    private readonly IBlockDevice _device;
    private readonly bool _quick;
    private readonly IReporter _reporter;
    private readonly CancellationToken _token;
    private readonly List<DiskFinding> _findings = [];
    private readonly List<string> _checked = [];
    private readonly List<string> _notChecked = [];

    private DiskChecker(DiskImage image, IBlockDevice device, bool quick, IReporter reporter, CancellationToken token)
    {
        _image = image;
        _device = device;
        _quick = quick;
        _reporter = reporter;
        _token = token;
    }

    /// <summary>Checks a disk. Damage is no error but a finding, and what cannot be read is said.</summary>
    /// <param name="imagePath">Host path of a disk image.</param>
    /// <param name="quick">Only what an edit touches: of a volume, the folders and hives of Windows.</param>
    /// <param name="reporter">Hears how far it is.</param>
    /// <param name="token">Stops the check.</param>
    /// <exception cref="Hyper2KvmException">The image itself cannot be opened.</exception>
    public static DiskCheck Check(string imagePath, bool quick, IReporter reporter, CancellationToken token)
    {
        Stopwatch watch = Stopwatch.StartNew();
        reporter.Verbose($"Opening '{imagePath}' read-only.");
        using DiskImage image = ImageDetector.Open(imagePath);
        using CachedBlockDevice cache = new(image, CacheBytes);
        DiskChecker checker = new(image, cache, quick, reporter, token);
        checker.Run();
        reporter.Verbose(string.Create(CultureInfo.InvariantCulture, $"Checked {checker._checked.Count} parts: {checker._findings.Count} findings, {checker._notChecked.Count} parts not checked."));
        return new DiskCheck
        {
            ImagePath = image.Path,
            Format = image.Format,
            IsQuick = quick,
            Findings = [.. checker._findings.OrderByDescending(finding => finding.Severity)],
            Checked = checker._checked,
            NotChecked = checker._notChecked,
            Duration = watch.Elapsed,
        };
    }

    private void Run()
    {
        _findings.AddRange(PartitionChecker.Check(_device).Select(DiskFindings.OfTable));
        _checked.Add("partition table");
        GuestDisk disk;
        try
        {
            disk = GuestDisk.Open(_device);
        }
        catch (DiskFormatException error)
        {
            _notChecked.Add($"the partitions: {error.Message}");
            return;
        }

        ByteProgress progress = new(_reporter, $"Checking '{_image.Path}'");
        long total = disk.Volumes.Sum(volume => volume.Device.Length);
        long before = 0;
        foreach (GuestVolume volume in disk.Volumes)
        {
            _token.ThrowIfCancellationRequested();
            CheckVolume(volume, percent => progress.Report(before + (volume.Device.Length / 100 * percent), total));
            before += volume.Device.Length;
        }

        CheckStores(disk);
    }

    private void CheckVolume(GuestVolume volume, Action<int> progress)
    {
        progress(0);
        _reporter.Verbose($"Checking {Name(volume)}.");
        if (volume.Kind is not (VolumeKind.Ntfs or VolumeKind.Fat))
        {
            if (volume.Kind == VolumeKind.BitLocker)
            {
                _notChecked.Add($"{Name(volume)}: its content is encrypted; decrypt it in the guest (manage-bde -off) to have it checked");
            }
            else if (!PartitionTypes.IsMicrosoftReserved(volume.Partition) && !IsUnformatted(volume))
            {
                _notChecked.Add($"{Name(volume)}: no file system that can be checked");
            }

            return;
        }

        if (volume.FileSystem is null && volume.Fault is UnsupportedFeatureException fault)
        {
            _notChecked.Add($"{Name(volume)}: {fault.Message}");
            return;
        }

        IReadOnlyList<WindowsInstallation> windows = Read(Name(volume), () => WindowsFinder.FindOn(volume).ToList()) ?? [];
        List<HiveFile> hives = [.. windows.SelectMany(one => Read(Name(volume), () => HiveFile.FindAll(one, _quick)) ?? [])];
        CheckFileSystem(volume, [.. windows.Select(one => one.System32 / "drivers"), .. windows.Select(one => one.Root / "INF"), .. hives.Select(hive => hive.Path)], progress);
        foreach (HiveFile hive in hives)
        {
            _token.ThrowIfCancellationRequested();
            CheckHive(volume, hive);
        }
    }

    private void CheckFileSystem(GuestVolume volume, IReadOnlyList<GuestPath> paths, Action<int> progress)
    {
        bool isNtfs = volume.Kind == VolumeKind.Ntfs;
        IReadOnlyList<FileSystemFinding> findings =
            !isNtfs ? FatChecker.Check(volume.Device, _token)
            : _quick ? NtfsChecker.CheckPaths(volume.Device, paths)
            : NtfsChecker.Check(volume.Device, _token, progress);
        bool unsettled = findings.Any(finding => finding.Id is "NtfsLogNotClean" or "FatVolumeDirty");
        _findings.AddRange(findings.Select(finding => DiskFindings.OfVolume(volume.Partition.Number, volume.Kind, finding, unsettled)));
        _checked.Add(Name(volume));
    }

    private void CheckHive(GuestVolume volume, HiveFile hive)
    {
        int partition = volume.Partition.Number;
        Read($"{Name(volume)}, {hive.Path}", () =>
        {
            _findings.AddRange(hive.Check().Select(finding => DiskFindings.OfHive(partition, hive.Path.ToString(), finding)));
            _checked.Add($"{Name(volume)}, {hive.Path}");
            return true;
        });
    }

    /// <summary>The boot store says things about the whole disk: it is read once for each Windows.</summary>
    private void CheckStores(GuestDisk disk)
    {
        foreach (GuestVolume volume in disk.Volumes)
        {
            if (volume.FileSystem is null || Read(Name(volume), () => WindowsFinder.FindOn(volume).Any()) is not true)
            {
                continue;
            }

            _token.ThrowIfCancellationRequested();
            Read("the boot store", () =>
            {
                using BootStoreFile store = BootStoreFile.Of(_image, _device, volume.Partition.Number);
                WindowsLayout layout = store.Layout;
                _findings.AddRange(store.Judge().Select(finding => DiskFindings.OfStore(layout.BootPartition?.Number, finding)).Except(_findings).ToList());
                _checked.Add(string.Create(CultureInfo.InvariantCulture, $"partition {layout.BootPartition?.Number}: {store.Path}"));
                _findings.AddRange(layout.Conditions.Where(condition => condition.Id == "GuestHibernated").Select(condition => new DiskFinding(
                    condition.Id, FindingSeverity.Warning, volume.Partition.Number, @"\hiberfil.sys", "", condition.Detail, condition.Remedy)));
                return true;
            });
        }
    }

    /// <summary>What the disk's bytes do not allow is said, and the rest goes on.</summary>
    private T? Read<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Hyper2KvmException error)
        {
            string line = PlainText.Escape($"{what}: {error.Message}");
            if (!_notChecked.Contains(line))
            {
                _notChecked.Add(line);
            }

            return default;
        }
    }

    /// <summary>Nothing was ever written to its beginning.</summary>
    private static bool IsUnformatted(GuestVolume volume)
    {
        byte[] head = new byte[Math.Min(UnformattedHead, volume.Device.Length)];
        volume.Device.Read(0, head);
        return !head.AsSpan().ContainsAnyExcept((byte)0);
    }

    private static string Name(GuestVolume volume) => string.Create(
        CultureInfo.InvariantCulture,
        $"partition {volume.Partition.Number}{(volume.Kind.Length == 0 ? "" : $": {volume.Kind}")}");
}
