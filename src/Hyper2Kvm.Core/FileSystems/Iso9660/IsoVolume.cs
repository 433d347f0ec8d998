using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Iso9660;

/// <summary>An ISO 9660 image (ECMA-119), with the Joliet names where it has them; virtio-win.iso is one.</summary>
/// <remarks>Without Joliet the plain names are taken, without version and closing dot. Rock Ridge entries are passed over.</remarks>
public sealed class IsoVolume : IGuestFileSystem
{
    private const int FirstDescriptor = 16 * IsoVolumeDescriptor.Size;
    private const int MaximumDescriptors = 64;
    private const int MaximumDepth = 128;

    private readonly IBlockDevice _image;
    private readonly IsoVolumeDescriptor _volume;

    private IsoVolume(IBlockDevice image, IsoVolumeDescriptor volume)
    {
        _image = image;
        _volume = volume;
    }

    public string Kind => _volume.IsJoliet ? "ISO 9660 with Joliet" : "ISO 9660";

    public string Label => _volume.Label;

    /// <summary>Whether there is a volume descriptor of ISO 9660 or UDF.</summary>
    public static bool IsIso(IBlockDevice device)
    {
        if (device.Length < FirstDescriptor + IsoVolumeDescriptor.Size)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[6];
        device.Read(FirstDescriptor, start);
        return start[1..].SequenceEqual("CD001"u8) || start[1..].SequenceEqual("BEA01"u8);
    }

    /// <exception cref="DiskFormatException"><c>IsoDescriptorDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>UdfNotSupported</c>: there is only a UDF file system.</exception>
    public static IsoVolume Open(IBlockDevice device)
    {
        byte[] sector = new byte[IsoVolumeDescriptor.Size];
        IsoVolumeDescriptor? primary = null;
        for (int i = 0; i < MaximumDescriptors; i++)
        {
            long offset = FirstDescriptor + (i * (long)sector.Length);
            device.ReadChecked(offset, sector, "IsoDescriptorDamaged", "ISO 9660 volume descriptor");
            if (!sector.AsSpan(1).StartsWith("CD001"u8))
            {
                return primary is { } found ? new IsoVolume(device, found) : throw Missing(sector, offset);
            }

            switch (sector[0])
            {
                case 1 when primary is null:
                    primary = IsoVolumeDescriptor.Read(sector, isJoliet: false, offset);
                    break;
                case 2 when IsoVolumeDescriptor.HasJolietEscape(sector):
                    return new IsoVolume(device, IsoVolumeDescriptor.Read(sector, isJoliet: true, offset));
                case 255:
                    return primary is { } plain ? new IsoVolume(device, plain) : throw Missing(sector, offset);
                default:
                    break;
            }
        }

        throw new DiskFormatException("IsoDescriptorDamaged", "ISO 9660 volume descriptors", FirstDescriptor,
            "a terminator among the first 64", "none");
    }

    /// <inheritdoc/>
    public GuestEntry? Find(GuestPath path) => path.IsRoot
        ? new GuestEntry("", GuestFileAttributes.Directory | GuestFileAttributes.ReadOnly, 0, _volume.Root.RecordedUtc)
        : FindEntry(path)?.ToGuestEntry();

    /// <inheritdoc/>
    public IEnumerable<GuestEntry> List(GuestPath directory) =>
        FindEntry(directory) is { Record.IsDirectory: true } found ? ListEntries(found) : throw NotFound(directory, "directory");

    /// <inheritdoc/>
    /// <exception cref="UnsupportedFeatureException"><c>IsoInterleaved</c>.</exception>
    public IBlockDevice OpenFile(GuestPath path)
    {
        IsoEntry entry = FindEntry(path) is { Record.IsDirectory: false } found ? found : throw NotFound(path, "file");
        return entry.Record.IsInterleaved
            ? throw new UnsupportedFeatureException("IsoInterleaved", "an interleaved file of ISO 9660", path.ToString())
            : new IsoFile(_image, entry);
    }

    private IEnumerable<GuestEntry> ListEntries(IsoEntry directory)
    {
        foreach (IsoEntry child in Read(directory))
        {
            yield return child.ToGuestEntry();
        }
    }

    private IsoEntry? FindEntry(GuestPath path)
    {
        IsoEntry entry = Root();
        List<long> passed = [];
        foreach (string part in path.Parts)
        {
            if (!entry.Record.IsDirectory)
            {
                return null;
            }

            if (passed.Contains(entry.Record.Block) || passed.Count >= MaximumDepth)
            {
                throw new DiskFormatException("IsoDirectoryDamaged", $"ISO 9660 directory on the way to {path}",
                    entry.Extents[0].Offset, "a tree of at most 128 levels", "a circle or a deeper tree");
            }

            passed.Add(entry.Record.Block);
            if (FindIn(entry, part) is not { } next)
            {
                return null;
            }

            entry = next;
        }

        return entry;
    }

    private IsoEntry? FindIn(IsoEntry directory, string name)
    {
        foreach (IsoEntry child in Read(directory))
        {
            if (child.Record.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return child;
            }
        }

        return null;
    }

    private IEnumerable<IsoEntry> Read(IsoEntry directory) => IsoDirectory.Read(_image, _volume, directory.Extents[0]);

    private IsoEntry Root() =>
        new(_volume.Root, [new BlockRange(_volume.Root.Block * _volume.BlockSize, _volume.Root.DataLength)], _volume.Root.DataLength);

    private static Hyper2KvmException Missing(ReadOnlySpan<byte> sector, long offset) =>
        sector[1..].StartsWith("BEA01"u8) || sector[1..].StartsWith("NSR0"u8)
            ? new UnsupportedFeatureException("UdfNotSupported", "a UDF file system without ISO 9660", "The image",
                "Give an image with an ISO 9660 file system, or copy its files to a folder.")
            : new DiskFormatException("IsoDescriptorDamaged", "ISO 9660 volume descriptor", offset, "a primary volume descriptor", "none");

    private static GuestItemNotFoundException NotFound(GuestPath path, string what) =>
        new("GuestPathNotFound", path.ToString(), $"There is no {what} '{path}' on the ISO 9660 image.");
}
