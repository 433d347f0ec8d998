using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Reads a disk and says what is there. Reads only, and only what the answer needs.</summary>
public static class LayoutProbe
{
    /// <summary>Opens the image, looks, and closes it again.</summary>
    /// <param name="imagePath">Host path of a disk image.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when there is only one.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">What cannot be read or is not there, by name.</exception>
    public static WindowsLayout Probe(string imagePath, int? partition, IReporter reporter)
    {
        reporter.Verbose($"Opening '{imagePath}' read-only.");
        using DiskImage image = ImageDetector.Open(imagePath);
        WindowsLayout layout = Probe(image, image, partition);
        reporter.Verbose(
            $"Found {layout.Windows} on partition {layout.WindowsPartition.Number} of a {layout.Format} image, started by {layout.Firmware}; "
            + (layout.IsVirtioBootReady ? $"it is ready for {string.Join(" and ", layout.BootReadyDrivers)}." : "it is not ready for VirtIO."));
        return layout;
    }

    /// <summary>The numbers of the partitions that have a Windows; more than one where <see cref="Probe(string, int?, IReporter)"/> must be told.</summary>
    /// <param name="imagePath">Host path of a disk image.</param>
    /// <exception cref="Hyper2KvmException">The disk cannot be read.</exception>
    public static IReadOnlyList<int> FindWindowsPartitions(string imagePath)
    {
        using DiskImage image = ImageDetector.Open(imagePath);
        return [.. GuestDisk.Open(image).Volumes.Where(volume => WindowsFinder.FindOn(volume).Any()).Select(volume => volume.Partition.Number)];
    }

    /// <param name="image">The image that the device stands on.</param>
    /// <param name="device">What to look at: the image itself, or an overlay over it.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when there is only one.</param>
    internal static WindowsLayout Probe(DiskImage image, IBlockDevice device, int? partition)
    {
        GuestDisk disk = GuestDisk.Open(device);
        WindowsInstallation windows = WindowsFinder.Find(disk, partition, image.Path);
        IGuestFileSystem files = windows.FileSystem;

        GuestPath systemPath = HiveLocator.PathOf(windows, HiveLocator.System);
        GuestPath softwarePath = HiveLocator.PathOf(windows, HiveLocator.Software);
        Hive system = HiveLocator.Open(files, systemPath);
        Hive software = HiveLocator.Open(files, softwarePath);
        SystemHiveFacts systemFacts = SystemHiveFacts.Read(system, systemPath.ToString());
        SoftwareHiveFacts softwareFacts = SoftwareHiveFacts.Read(software, softwarePath.ToString());

        List<LayoutWarning> warnings = [.. disk.Table.Warnings.Select(text => new LayoutWarning("PartitionTableOdd", text))];
        BootPlace boot = BootPlace.Find(disk, warnings);
        SigningSwitches signing = SigningSwitches.Read(boot);
        WindowsVersion version = softwareFacts.Version(
            GuestArchitectureProbe.Find(windows, systemFacts), systemFacts.ProductType, softwarePath.ToString());
        IReadOnlyList<string> ready = VirtioReadiness.ReadyDrivers(
            new VirtioReadiness(system, systemFacts, version, files, windows.Root).Checks());
        MountedDevices mounted = MountedDevices.Read(system);
        IReadOnlyList<PartitionInfo> partitions =
            [.. PartitionRoles.Describe(disk, windows, boot)
                .Select(info => info with { DriveLetter = mounted.LetterOf(info, disk.Table.DiskSignature) })];
        warnings.AddRange(disk.Volumes
            .Where(volume => volume.Fault is not null)
            .Select(volume => new LayoutWarning("PartitionLeftOut", $"Partition {volume.Partition.Number} was left out: {volume.Fault!.Message}")));
        if (image.Snapshots.Count > 0)
        {
            warnings.Add(new LayoutWarning(
                "InternalSnapshots", $"The image holds {image.Snapshots.Count} internal snapshots: its present state is read, and what is made of it has none of them. To migrate one, make a disk of it: qemu-img convert -l."));
        }

        warnings.AddRange(new FirstStartWarnings(system, software, systemFacts, mounted).Find(
            partitions, partitions.First(info => info.Number == windows.Volume.Partition.Number), disk.Table.DiskSignature, version.IsServer));
        if (version.Major < 6)
        {
            warnings.AddRange(OldHardware.Warnings(systemFacts));
            if (IdeDriverFiles.Warning(windows) is { } ide)
            {
                warnings.Add(ide);
            }
        }

        if (systemFacts.BootControlSets.Count > 1)
        {
            warnings.Add(new LayoutWarning(
                "ControlSetsDiffer", $"Select names {systemFacts.BootControlSets[0]} as current and {systemFacts.BootControlSets[1]} as default: both are edited."));
        }

        return new WindowsLayout
        {
            ImagePath = image.Path,
            Format = image.Format,
            VirtualSize = device.Length,
            SectorSize = disk.Table.SectorSize,
            Firmware = boot.Firmware,
            PartitionStyle = disk.Table.Style,
            DiskId = disk.Table.DiskId,
            DiskSignature = disk.Table.DiskSignature,
            Partitions = partitions,
            WindowsPartition = partitions.First(info => info.Number == windows.Volume.Partition.Number),
            BootPartition = boot.Volume is { } bootVolume ? partitions.First(info => info.Number == bootVolume.Partition.Number) : null,
            Windows = version,
            WindowsRoot = windows.Root.ToString(),
            System32 = windows.System32.ToString(),
            Hives = FindHives(windows),
            ControlSet = systemFacts.ControlSet,
            BootControlSets = systemFacts.BootControlSets,
            LastKnownGood = systemFacts.LastKnownGood,
            ControlSets = systemFacts.ControlSets,
            HasDriverDatabase = systemFacts.HasDriverDatabase,
            VerifiesSha2 = version.Build >= 9200 || softwareFacts.HasSha2Update,
            TestSigning = signing.TestSigning,
            NoIntegrityChecks = signing.NoIntegrityChecks,
            Hal = version.Major < 6 ? OldHardware.Hal(systemFacts) : null,
            HostName = PlainText.Escape(systemFacts.HostName),
            BcdPath = boot.BcdPath?.ToString(),
            IsVirtioBootReady = ready.Count > 0,
            BootReadyDrivers = ready,
            RealTimeIsUniversal = systemFacts.RealTimeIsUniversal,
            Conditions = EditGuard.Inspect(windows, system, systemFacts, software, softwareFacts),
            Warnings = warnings,
            Bundle = image.Bundle,
            Snapshots = [.. image.Snapshots.Select(snapshot => new DiskSnapshot(snapshot.Id, PlainText.Escape(snapshot.Name), snapshot.Created))],
        };
    }

    private static List<string> FindHives(WindowsInstallation windows) =>
        [.. ((string[])[HiveLocator.System, HiveLocator.Software, HiveLocator.Drivers])
            .Select(name => HiveLocator.PathOf(windows, name))
            .Where(path => windows.FileSystem.Find(path) is { IsDirectory: false })
            .Select(path => path.ToString())];
}
