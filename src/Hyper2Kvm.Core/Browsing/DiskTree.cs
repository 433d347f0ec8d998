using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Browsing;

/// <summary>The files of a powered-off disk: of its only Windows, of one partition, or of all partitions by their numbers.</summary>
public sealed class DiskTree : IGuestTree
{
    private const int CacheBytes = 32 * 1024 * 1024;
    private const string PartitionPrefix = "Partition";

    private readonly DiskImage _image;
    private readonly CachedBlockDevice _cache;
    private readonly GuestDisk _disk;
    private readonly GuestVolume? _volume;

    private DiskTree(DiskImage image, BrowseRoot root)
    {
        _image = image;
        _cache = new CachedBlockDevice(image, CacheBytes);
        _disk = GuestDisk.Open(_cache);
        _volume = root switch
        {
            { ListsPartitions: true } => null,
            { Partition: { } number } => Chosen(number),
            _ => OnlyWindows(),
        };
    }

    /// <summary>Opens an image read-only. Where neither a partition nor the list is asked for and the disk holds no Windows or several, the root
    /// is the list of partitions.</summary>
    /// <exception cref="Hyper2KvmException">The image cannot be read, or has no such partition.</exception>
    public static DiskTree Open(BrowseRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        DiskImage image = ImageDetector.Open(root.Image);
        try
        {
            return new DiskTree(image, root);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    public GuestNode? Find(string path)
    {
        if (Locate(path) is not { } place)
        {
            return null;
        }

        if (place.Volume is null || (place.File.IsRoot && _volume is null))
        {
            return place.Volume is null ? new GuestNode("", RootItem(), true) : PartitionNode(place.Volume);
        }

        return EntryAt(FileSystemOf(place.Volume), place.File) is { } entry ? Node(place.Volume, entry, place.File) : null;
    }

    public IEnumerable<GuestNode> Children(string path)
    {
        (GuestVolume? volume, GuestPath folder) = Locate(path) ?? throw NotFound(path);
        if (volume is null)
        {
            return _disk.Volumes.Select(PartitionNode);
        }

        return FileSystemOf(volume).ListWithFaults(folder).Select(entry => Node(volume, entry, folder, entry.Name));
    }

    /// <summary>A file's content, read as it is needed.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>: there is no such file.</exception>
    /// <exception cref="UnsupportedFeatureException">It is encrypted, or kept elsewhere.</exception>
    public Stream OpenRead(string path)
    {
        (GuestVolume? volume, GuestPath file) = Locate(path) ?? throw NotFound(path);
        return volume is null ? throw NotFound(path) : new GuestFileStream(FileSystemOf(volume).OpenFile(file));
    }

    public void Dispose()
    {
        _cache.Dispose();
        _image.Dispose();
    }

    /// <summary>The volume and the path on it; no volume means the list of partitions; null where nothing can be.</summary>
    private (GuestVolume? Volume, GuestPath File)? Locate(string path)
    {
        string[] parts = TreePath.Parts(path);
        GuestVolume? volume = _volume;
        if (volume is null && parts.Length > 0)
        {
            volume = _disk.Volumes.FirstOrDefault(one => PartitionName(one).Equals(parts[0], StringComparison.OrdinalIgnoreCase));
            parts = parts[1..];
            if (volume is null)
            {
                return null;
            }
        }

        try
        {
            return (volume, new GuestPath(string.Join('\\', parts)));
        }
        catch (GuestStateException exception) when (exception.ErrorId == "GuestPathInvalid")
        {
            return null;
        }
    }

    /// <summary>What is damaged itself is there all the same, as its folder says; damage on the way to it is an error.</summary>
    private static GuestEntry? EntryAt(IGuestFileSystem files, GuestPath path)
    {
        try
        {
            return files.Find(path);
        }
        catch (DiskFormatException) when (!path.IsRoot)
        {
            if (files.ListWithFaults(path.Parent).FirstOrDefault(entry => entry.Name.Equals(path.Name, StringComparison.OrdinalIgnoreCase)) is { } entry)
            {
                return entry;
            }

            throw;
        }
    }

    private GuestVolume Chosen(int number)
    {
        GuestVolume volume = _disk.Volumes.FirstOrDefault(one => one.Partition.Number == number) ?? throw new GuestItemNotFoundException(
            "PartitionNotFound",
            _image.Path,
            string.Create(CultureInfo.InvariantCulture, $"'{_image.Path}' has no partition {number}."),
            "The root IMAGE/partitions lists those that there are.");
        _ = FileSystemOf(volume);
        return volume;
    }

    private GuestVolume? OnlyWindows()
    {
        WindowsInstallation[] found = [.. _disk.Volumes.SelectMany(WindowsFinder.FindOn).Take(2)];
        return found.Length == 1 ? found[0].Volume : null;
    }

    private IGuestFileSystem FileSystemOf(GuestVolume volume) => volume.FileSystem ?? throw (volume.Fault ?? new UnsupportedFeatureException(
        "VolumeNotReadable",
        string.Create(CultureInfo.InvariantCulture, $"looking into partition {volume.Partition.Number} ({(volume.Kind.Length == 0 ? "no known file system" : volume.Kind)})"),
        _image.Path,
        volume.Kind == VolumeKind.BitLocker ? "Decrypt it in the guest first (manage-bde -off)." : null));

    private GuestItemNotFoundException NotFound(string path) => new("GuestPathNotFound", path, $"'{PlainText.Escape(path)}' is not there in '{_image.Path}'.");

    private static string PartitionName(GuestVolume volume) => string.Create(CultureInfo.InvariantCulture, $"{PartitionPrefix}{volume.Partition.Number}");

    private WindowsItem RootItem() => new() { Name = "", FullName = "\\", Partition = 0, Attributes = FileAttributes.Directory, Length = _image.Length };

    private static GuestNode PartitionNode(GuestVolume volume)
    {
        bool readable = volume.FileSystem is not null;
        PartitionEntry partition = volume.Partition;
        string label = volume.FileSystem is { Label.Length: > 0 } files ? $" {PlainText.Escape(files.Label)}" : "";
        return new GuestNode(
            PartitionName(volume),
            new WindowsItem
            {
                Name = PartitionName(volume),
                FullName = "\\",
                Partition = partition.Number,
                Length = partition.Range.Length,
                Attributes = FileAttributes.Directory,
                Volume = (volume.FileSystem?.Kind ?? (volume.Kind.Length == 0 ? "unknown" : volume.Kind)) + label,
            },
            readable);
    }

    /// <summary>A name that could not be typed (a hostile disk may hold <c>..</c> or slashes) is shown, but leads nowhere.</summary>
    private static GuestNode Node(GuestVolume volume, GuestEntry entry, GuestPath folder, string name) => folder.TryAppend(name, out GuestPath path)
        ? Node(volume, entry, path)
        : new GuestNode(PlainText.Escape(name), Item(volume, entry, $"{folder}\\{name}"), false, IsAlias: true, Fault: entry.Fault);

    private static GuestNode Node(GuestVolume volume, GuestEntry entry, GuestPath path) =>
        new(entry.Name, Item(volume, entry, path.ToString()), entry is { IsDirectory: true, IsReparsePoint: false }, Fault: entry.Fault);

    private static WindowsItem? Item(GuestVolume volume, GuestEntry entry, string path) => entry.Fault is not null ? null : new WindowsItem
    {
        Name = PlainText.Escape(entry.Name),
        FullName = PlainText.Escape(path),
        Partition = volume.Partition.Number,
        Length = entry.Length,
        LastWriteTimeUtc = entry.ModifiedUtc,
        Attributes = (FileAttributes)entry.Attributes,
    };
}
