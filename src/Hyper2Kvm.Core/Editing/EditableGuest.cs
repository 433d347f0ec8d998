using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>A guest that steps may edit: its volumes and hives, over a device that takes the writes.</summary>
internal sealed class EditableGuest
{
    private readonly ChangeRecorder _recorder;
    private readonly SortedDictionary<int, EditableVolume> _volumes = [];
    private Hive? _drivers;
    private HiveEditor? _driversEditor;

    private EditableGuest(IWritableBlockDevice disk, WindowsLayout layout, ChangeRecorder recorder, DateTime utcNow)
    {
        Disk = disk;
        Layout = layout;
        UtcNow = utcNow;
        _recorder = recorder;
        Windows = Volume(layout.WindowsPartition);
    }

    /// <summary>The whole disk, for what lies outside every volume. Record what is changed through it.</summary>
    public IWritableBlockDevice Disk { get; }

    public ChangeRecorder Recorder => _recorder;

    /// <summary>As probed from the very disk that is edited.</summary>
    public WindowsLayout Layout { get; }

    /// <summary>The one time that the edit stamps everywhere.</summary>
    public DateTime UtcNow { get; }

    /// <summary>The volume that holds Windows.</summary>
    public EditableVolume Windows { get; }

    /// <summary>The volumes opened so far, by partition.</summary>
    public IReadOnlyCollection<EditableVolume> Volumes => _volumes.Values;

    public GuestPath WindowsRoot => Layout.WindowsRoot;

    public GuestPath System32 => Layout.System32;

    public HiveEditor System => Windows.OpenHive(PathOf(HiveLocator.System), @"HKLM\SYSTEM");

    public HiveEditor Software => Windows.OpenHive(PathOf(HiveLocator.Software), @"HKLM\SOFTWARE");

    /// <summary>The DRIVERS hive for looking names up; null before Windows 8 and where it is missing. Unless it is edited it is taken as it
    /// lies: one that Windows has not written back does not stop an edit that leaves it alone.</summary>
    public Hive? Drivers => _driversEditor?.Hive ?? (HasDrivers
        ? _drivers ??= Hive.OpenAsFound(Windows.Files.OpenFile(PathOf(HiveLocator.Drivers)), PathOf(HiveLocator.Drivers).ToString())
        : null);

    public bool HasDrivers => Windows.Files.Find(PathOf(HiveLocator.Drivers)) is { IsDirectory: false };

    /// <summary>The DRIVERS hive for editing, where <see cref="HasDrivers"/>.</summary>
    public HiveEditor DriversEditor => _driversEditor ??= Windows.OpenHive(PathOf(HiveLocator.Drivers), @"HKLM\DRIVERS");

    public static EditableGuest Open(IWritableBlockDevice disk, WindowsLayout layout, ChangeRecorder recorder, DateTime utcNow) =>
        new(disk, layout, recorder, utcNow);

    /// <summary>A volume of this disk, opened for writing on first use: the EFI system partition, for one.</summary>
    /// <remarks>In the record its paths begin with the partition, <c>#1:\EFI</c>; those of the Windows volume do not.</remarks>
    public EditableVolume Volume(PartitionInfo partition)
    {
        if (!_volumes.TryGetValue(partition.Number, out EditableVolume? volume))
        {
            string prefix = partition.Number == Layout.WindowsPartition.Number
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"#{partition.Number}:");
            volume = EditableVolume.Open(Disk, partition, prefix, _recorder, UtcNow);
            _volumes.Add(partition.Number, volume);
        }

        return volume;
    }

    /// <summary>Writes the changed hives back and everything that the file systems still hold.</summary>
    public void Complete()
    {
        foreach (EditableVolume volume in Volumes)
        {
            volume.Complete();
        }
    }

    private GuestPath PathOf(string hive) => System32 / "config" / hive;
}
