using System.Text;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>A disk that is open, and what its Windows starts from: a boot store, or boot.ini before Vista.</summary>
internal sealed class BootStoreFile : IDisposable
{
    /// <summary>Real stores have 20 to 100 KiB.</summary>
    public const int MaxSize = 16 * 1024 * 1024;

    /// <summary>Windows XP and 2003 have this instead of a store.</summary>
    private static readonly GuestPath s_bootIni = @"\boot.ini";

    private readonly IBlockDevice _device;
    private readonly DiskImage? _owned;
    private readonly GuestDisk _disk;

    private BootStoreFile(IBlockDevice device, DiskImage? owned, WindowsLayout layout)
    {
        _device = device;
        _owned = owned;
        _disk = GuestDisk.Open(device);
        Layout = layout;
        Files = layout.BootPartition is { } boot ? OpenVolume(boot) : null;
        BcdDisk = new BcdDisk(layout, OpenVolume);
        if (Files is not null)
        {
            bool isOld = layout.Windows.Major < 6 && layout.BcdPath is null && Files.Find(s_bootIni) is { IsDirectory: false };
            Path = isOld ? s_bootIni : layout.BcdPath is { } store ? (GuestPath?)store : null;
            IsBootIni = isOld;
        }
    }

    public WindowsLayout Layout { get; }

    /// <summary>The volume of the boot partition; null when there is none that can be read.</summary>
    public IGuestFileSystem? Files { get; }

    /// <summary>The store or boot.ini on it; null when there is neither.</summary>
    public GuestPath? Path { get; }

    public bool IsBootIni { get; }

    public BcdDisk BcdDisk { get; }

    /// <summary>Opens the image read-only and takes the layout as it is now: an edit may have changed it since the caller looked.</summary>
    public static BootStoreFile Open(string imagePath, int? windowsPartition)
    {
        DiskImage image = ImageDetector.Open(imagePath);
        try
        {
            return new BootStoreFile(image, image, LayoutProbe.Probe(image, image, windowsPartition));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>That of an image which is open already, and stays so.</summary>
    /// <param name="image">The image that the device stands on.</param>
    /// <param name="device">The disk.</param>
    /// <param name="windowsPartition">Partition number of the Windows that is meant; null when there is only one.</param>
    public static BootStoreFile Of(DiskImage image, IBlockDevice device, int? windowsPartition) =>
        new(device, null, LayoutProbe.Probe(image, device, windowsPartition));

    /// <exception cref="GuestItemNotFoundException"><c>BcdNotFound</c>.</exception>
    public GuestPath Require(string purpose)
    {
        if (Path is { } path)
        {
            return path;
        }

        string why = Files is null ? "it has no boot partition that can be read" : $"{Layout.BootPartition} has no boot store";
        throw new GuestItemNotFoundException(
            "BcdNotFound",
            Layout.ImagePath,
            $"'{Layout.ImagePath}' has no boot store to {purpose}: {why}.",
            "If Windows boots from another disk of the machine, name that disk; the migration itself can go on without.");
    }

    /// <summary>The store's hive, repaired in memory where Windows left it dirty.</summary>
    public Hive OpenHive() => HiveLocator.Open(Files!, Path!.Value);

    public BootIni ReadBootIni() =>
        BootIni.Parse(Encoding.Latin1.GetString(Files!.OpenFile(s_bootIni).ReadAll(MaxSize, "BcdTooLarge", s_bootIni.ToString())));

    /// <summary>What is there, judged. A store that cannot be read is a finding too.</summary>
    public IReadOnlyList<BcdFinding> Judge()
    {
        IReadOnlyList<BcdFinding> findings = Find(out bool canRepair);
        if (!canRepair || findings.Count == 0)
        {
            return findings;
        }

        BcdRepairPlan plan = BcdRepairPlan.Make(Layout, _device);
        return [.. findings.Select(plan.Mark)];
    }

    public BcdInspection Inspect(BcdStore store) => BcdInspection.Inspect(store, Layout, OpenVolume, _device);

    public void Dispose() => _owned?.Dispose();

    private IReadOnlyList<BcdFinding> Find(out bool canRepair)
    {
        canRepair = true;
        if (Path is null)
        {
            return BcdInspection.InspectFirmware(Layout, OpenVolume, _device);
        }

        if (IsBootIni)
        {
            return BcdInspection.InspectBootIni(ReadBootIni(), Layout, OpenVolume, _device);
        }

        BcdStore store;
        try
        {
            store = BcdStore.Open(OpenHive());
        }
        catch (Hyper2KvmException damage) when (damage is DiskFormatException or GuestStateException)
        {
            canRepair = false;
            BcdFinding finding = new(
                "BcdStoreUnreadable", FindingSeverity.Error, Path.Value.ToString(), $"The boot store cannot be read: {damage.Message}",
                @"Start from Windows installation media and run 'bcdboot C:\Windows'.");
            return [finding, .. BcdInspection.InspectFirmware(Layout, OpenVolume, _device).Where(other => other.Id != "BcdStoreMissing")];
        }

        return Inspect(store).Findings;
    }

    private IGuestFileSystem? OpenVolume(PartitionInfo partition) =>
        _disk.Volumes.FirstOrDefault(volume => volume.Partition.Number == partition.Number)?.FileSystem;
}
