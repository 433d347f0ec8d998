using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Iso9660;

namespace Hyper2Kvm.Drivers;

/// <summary>Where drivers come from: an ISO image such as virtio-win.iso, or a folder with the same content. Names ignore case.</summary>
public sealed class DriverSource : IDisposable
{
    private readonly IGuestFileSystem _files;
    private readonly IDisposable _owner;

    private DriverSource(string path, IGuestFileSystem files, IDisposable owner)
    {
        Path = path;
        _files = files;
        _owner = owner;
    }

    /// <summary>Full host path of the ISO or folder.</summary>
    public string Path { get; }

    /// <exception cref="GuestItemNotFoundException"><c>DriverSourceInvalid</c>: nothing is there, or neither an ISO nor a folder.</exception>
    /// <exception cref="DiskFormatException">The ISO is damaged.</exception>
    public static DriverSource Open(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            HostFolder folder = new(full);
            return new DriverSource(full, folder, folder);
        }

        return File.Exists(full) ? OpenIso(full) : throw Invalid(full, "does not exist");
    }

    /// <summary>The entry at a path with either slash, or null.</summary>
    public GuestEntry? Find(string path) => _files.Find(new GuestPath(path));

    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>.</exception>
    public IReadOnlyList<GuestEntry> List(string directory) => [.. _files.List(new GuestPath(directory))];

    /// <summary>A file's content; valid until the source is disposed.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>.</exception>
    public IBlockDevice OpenFile(string path) => _files.OpenFile(new GuestPath(path));

    public void Dispose() => _owner.Dispose();

    public override string ToString() => Path;

    private static DriverSource OpenIso(string path)
    {
        FileBlockDevice file = new(path);
        try
        {
            return IsoVolume.IsIso(file) ? new DriverSource(path, IsoVolume.Open(file), file) : throw Invalid(path, "is no ISO 9660 image");
        }
        catch (Hyper2KvmException)
        {
            file.Dispose();
            throw;
        }
    }

    private static GuestItemNotFoundException Invalid(string path, string what) => new(
        "DriverSourceInvalid", path, $"The driver source '{path}' {what}.",
        "Give virtio-win.iso, or a folder with its content.");
}
