namespace Hyper2Kvm.Images;

/// <summary>Where bytes of a disk are, its whole chain taken into account.</summary>
/// <param name="Holder">The image whose file has them; null: they are zero.</param>
/// <param name="Run">Where in that file, and how many.</param>
/// <param name="Offset">Of the first byte on the holder's disk, which differs from the disk's own beneath an extent.</param>
internal readonly record struct DiskRun(DiskImage? Holder, MappedRun Run, long Offset)
{
    public long Length => Run.Length;

    public static DiskRun Zeros(long length) => new(null, new MappedRun(MappedRunKind.Zero, length), 0);

    /// <summary>Reads from the start of the run. Safe for several threads at once.</summary>
    public void Read(Span<byte> buffer)
    {
        if (Holder is null)
        {
            buffer.Clear();
        }
        else
        {
            Holder.ReadRun(Run, Offset, buffer);
        }
    }
}
