using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Qcow2;

namespace Hyper2Kvm.Booting;

/// <summary>A folder of the host's temporary files for one run, which goes with everything in it.</summary>
/// <remarks>Its path is short: Unix sockets in it must not exceed 107 bytes.</remarks>
internal sealed class ThrowawayFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("h2kvm-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    /// <summary>An empty QCOW2 over an image: it takes all writes, and the image none.</summary>
    /// <returns>The overlay's path.</returns>
    public string Overlay(string image, string format, string name)
    {
        string overlay = File(name);
        using DiskImage disk = ImageDetector.Open(image);
        using FileStream stream = new(overlay, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Qcow2Writer.Write(stream, new Qcow2Content { Disk = disk, Ranges = Array.Empty<BlockRange>(), BackingFile = disk.Path, BackingFormat = format });
        return overlay;
    }

    public string Text(string name, string text)
    {
        string file = File(name);
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    /// <summary>A blank raw disk of 1 MiB.</summary>
    public string Blank(string name)
    {
        string blank = File(name);
        using FileStream stream = new(blank, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.SetLength(1 << 20);
        return blank;
    }

    /// <summary>A copy that may be written: the firmware's variable store.</summary>
    public string Copy(string file, string name)
    {
        string copy = File(name);
        System.IO.File.Copy(file, copy);
        return copy;
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
