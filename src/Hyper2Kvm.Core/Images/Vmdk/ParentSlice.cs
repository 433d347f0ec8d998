using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Vmdk;

/// <summary>The part of a parent disk that lies beneath one extent of a snapshot. The parent is not owned.</summary>
internal sealed class ParentSlice(DiskImage parent, long start) : DiskImage
{
    public override string Path => parent.Path;

    public override ImageFormat Format => parent.Format;

    public override string Variant => parent.Variant;

    /// <summary>To the parent's end; 0 where the snapshot is of a later, larger size.</summary>
    public override long Length => Math.Max(0, parent.Length - start);

    public override IReadOnlyList<string> Files => [];

    public override void Read(long offset, Span<byte> buffer)
    {
        if (buffer.Length > 0)
        {
            parent.Read(start + offset, buffer);
        }
    }

    public override IEnumerable<BlockRange> AllocatedRanges() => throw new NotSupportedException("Only the parent itself knows.");

    internal override DiskRun Locate(long offset, long length) => parent.Locate(start + offset, length);

    internal override void ReadRun(MappedRun run, long offset, Span<byte> buffer) => throw new NotSupportedException("Only the parent itself has runs.");

    protected override void Dispose(bool disposing)
    {
    }
}
