using Hyper2Kvm.Blocks;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Images;

/// <summary>A disk image on the host, opened read-only together with everything it needs (backing files, extents).</summary>
public abstract class DiskImage : IBlockDevice, IDisposable
{
    /// <summary>Full path of the file the user named.</summary>
    public abstract string Path { get; }

    public abstract ImageFormat Format { get; }

    /// <summary>The format in the words of its specification, for example <c>streamOptimized</c>; for people.</summary>
    public abstract string Variant { get; }

    /// <summary>Virtual size in bytes.</summary>
    public abstract long Length { get; }

    public virtual int SectorSize => 512;

    /// <summary>The image beneath this one, or null.</summary>
    public virtual DiskImage? Backing => null;

    /// <summary>Earlier states of the disk that the file itself holds; reading gives the present one.</summary>
    public virtual IReadOnlyList<ImageSnapshot> Snapshots => [];

    /// <summary>Virtual size as QEMU sees it when this is a backing file; it reads zeros from there on.</summary>
    public virtual long QemuLength => Length;

    /// <summary>What keeps QEMU from using this image as a backing file, in words that follow "because"; or null.</summary>
    public virtual string? QemuObstacle => null;

    /// <summary>Full path of the archive that the image lies in, or null.</summary>
    public virtual string? Bundle => null;

    /// <summary>Every host file that this image needs, itself first.</summary>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>The one file whose bytes are those of the disk, which a host file system may clone; or null.</summary>
    internal virtual SafeFileHandle? WholeFile => null;

    public abstract void Read(long offset, Span<byte> buffer);

    /// <summary>What this layer itself holds (its backing not counted), in order, merged, within <see cref="Length"/>.</summary>
    public abstract IEnumerable<BlockRange> AllocatedRanges();

    /// <summary>Where the bytes at <paramref name="offset"/> are, in this image or beneath it. One thread at a time.</summary>
    /// <param name="offset">On the disk.</param>
    /// <param name="length">At least 1, within the disk.</param>
    /// <returns>A run of 1 to <paramref name="length"/> bytes.</returns>
    internal abstract DiskRun Locate(long offset, long length);

    /// <summary>Reads a run that <see cref="Locate"/> found in the file of this image. Safe for several threads at once.</summary>
    /// <param name="run">The run.</param>
    /// <param name="offset">Of the run on this disk.</param>
    /// <param name="buffer">At most as long as the run.</param>
    internal abstract void ReadRun(MappedRun run, long offset, Span<byte> buffer);

    /// <summary>What keeps this image from being edited in place, in words that follow "because"; or null.</summary>
    internal virtual string? InPlaceObstacle => null;

    /// <summary>Where a file of this very layer, never one beneath it, has bytes of the disk as they are, and has them for this disk alone:
    /// what may be overwritten there. Asked only where there is no <see cref="InPlaceObstacle"/>.</summary>
    /// <param name="offset">On the disk.</param>
    /// <param name="length">At least 1.</param>
    /// <returns>A run of 1 to <paramref name="length"/> bytes, or null when the byte at <paramref name="offset"/> is not there.</returns>
    internal virtual HostRange? FindOwn(long offset, long length) => null;

    /// <summary>What the format wants written whenever the content of the disk changes, so that whoever goes by it notices.</summary>
    internal virtual IReadOnlyList<HostPatch> ChangeMarks() => [];

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes an image that a check refuses while it is being opened.</summary>
    protected static T OrDispose<T>(T image, Action check)
        where T : DiskImage
    {
        try
        {
            check();
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    protected abstract void Dispose(bool disposing);
}
