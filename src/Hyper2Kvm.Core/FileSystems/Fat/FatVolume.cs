using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A FAT12, FAT16 or FAT32 volume, read-only. The EFI system partition is one.</summary>
public sealed class FatVolume : IGuestFileSystem
{
    private string? _label;

    private FatVolume(IBlockDevice device, FatBootSector boot)
    {
        Device = device;
        Boot = boot;
        Table = new FatTable(device, boot);
    }

    public string Kind => Boot.Type switch { FatType.Fat12 => "FAT12", FatType.Fat16 => "FAT16", _ => "FAT32" };

    public FatType Type => Boot.Type;

    /// <summary>Whether it was dismounted and without disk errors when last used.</summary>
    public FatVolumeState State => Table.State;

    /// <inheritdoc/>
    public string Label => _label ??= LoadDirectory("\\", 0).FindLabel() ?? "";

    internal IBlockDevice Device { get; }

    internal FatBootSector Boot { get; }

    internal FatTable Table { get; }

    /// <summary>Whether a FAT boot sector is there; false for NTFS, exFAT and BitLocker.</summary>
    public static bool IsFat(IBlockDevice device)
    {
        if (device.Length < FatBootSector.Size)
        {
            return false;
        }

        Span<byte> sector = stackalloc byte[FatBootSector.Size];
        device.Read(0, sector);
        return FatBootSector.IsBootSector(sector);
    }

    /// <exception cref="DiskFormatException"><c>FatBootSectorDamaged</c>.</exception>
    public static FatVolume Open(IBlockDevice device)
    {
        Span<byte> sector = stackalloc byte[FatBootSector.Size];
        device.ReadChecked(0, sector, "FatBootSectorDamaged", "FAT boot sector");
        return new FatVolume(device, FatBootSector.Read(sector, device.Length));
    }

    /// <inheritdoc/>
    public GuestEntry? Find(GuestPath path) => path.IsRoot
        ? new GuestEntry("", GuestFileAttributes.Directory, 0, FatTime.Read(0, 0))
        : FindEntry(path)?.ToGuestEntry();

    /// <inheritdoc/>
    public IEnumerable<GuestEntry> List(GuestPath directory) => ListEntries(FindDirectory(directory));

    /// <inheritdoc/>
    public IBlockDevice OpenFile(GuestPath path)
    {
        FatEntry entry = FindFile(path);
        return new FatFile(Device, Boot, Table, path.ToString(), entry.FirstCluster, entry.Length);
    }

    internal FatEntry FindFile(GuestPath path) =>
        FindEntry(path) is { IsDirectory: false } file ? file : throw NotFound(path, "file");

    /// <summary>The directory at a path, read.</summary>
    internal FatDirectory FindDirectory(GuestPath path) => path.IsRoot
        ? LoadDirectory("\\", 0)
        : FindEntry(path) is { IsDirectory: true } entry
            ? LoadDirectory(path.ToString(), RequireCluster(path, entry, [0, Boot.RootCluster]))
            : throw NotFound(path, "directory");

    internal FatEntry? FindEntry(GuestPath path)
    {
        FatDirectory directory = LoadDirectory("\\", 0);
        GuestPath current = GuestPath.Root;
        FatEntry? found = null;
        List<uint> passed = [0, Boot.RootCluster];
        foreach (string part in path.Parts)
        {
            if (found is { IsDirectory: false })
            {
                return null;
            }

            if (found is not null)
            {
                directory = LoadDirectory(current.ToString(), RequireCluster(current, found, passed));
                passed.Add(found.FirstCluster);
            }

            found = FindIn(directory, part);
            if (found is null)
            {
                return null;
            }

            current /= part;
        }

        return found;
    }

    internal FatEntry? FindIn(FatDirectory directory, string name)
    {
        FatEntry? alias = null;
        foreach (FatEntry entry in directory.Entries(Boot.Type))
        {
            if (entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return entry;
            }

            alias ??= entry.Matches(name) ? entry : null;
        }

        return alias;
    }

    internal FatDirectory LoadDirectory(string name, uint firstCluster) =>
        FatDirectory.Load(Device, Boot, Table, name, firstCluster);

    private IEnumerable<GuestEntry> ListEntries(FatDirectory directory)
    {
        foreach (FatEntry entry in directory.Entries(Boot.Type))
        {
            yield return entry.ToGuestEntry();
        }
    }

    /// <summary>A directory below the root has clusters of its own; those of one above it would lead in a circle.</summary>
    private static uint RequireCluster(GuestPath path, FatEntry entry, List<uint> passed) =>
        !passed.Contains(entry.FirstCluster)
            ? entry.FirstCluster
            : throw new DiskFormatException("FatDirectoryDamaged", $"FAT directory entry {path}", entry.EntryOffset,
                "a first cluster of its own", "that of a directory above");

    private static GuestItemNotFoundException NotFound(GuestPath path, string what) =>
        new("GuestPathNotFound", path.ToString(), $"There is no {what} '{path}' on the FAT volume.");
}
