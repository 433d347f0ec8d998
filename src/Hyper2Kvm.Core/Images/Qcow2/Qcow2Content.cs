using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Qcow2;

/// <summary>What a new QCOW2 file is to hold.</summary>
/// <remarks>An overlay of edits: the disk as edited, the dirty ranges, and the backing file. A new version of an existing overlay: the
/// same, with the ranges of the old overlay added. A flat copy: the disk, its allocated ranges, no backing file.</remarks>
public sealed record Qcow2Content
{
    /// <summary>The whole disk as the guest shall see it; its length is the virtual size (rounded up to 512 bytes, as QEMU does).</summary>
    public required IBlockDevice Disk { get; init; }

    /// <summary>What the file holds itself, in any order, overlaps allowed; widened to whole clusters of 64 KiB, which are read from
    /// <see cref="Disk"/>. What lies beyond its end (a longer backing file's) is left out. Everything else comes from the backing
    /// file, or is zero without one.</summary>
    public required IEnumerable<BlockRange> Ranges { get; init; }

    /// <summary>The backing file's name as it shall stand in the header, relative to the new file's folder; or null.</summary>
    public string? BackingFile { get; init; }

    /// <summary>QEMU's name of the backing file's format: <c>raw</c>, <c>qcow2</c>, <c>vmdk</c>, <c>vpc</c>, <c>vhdx</c>; needed with
    /// <see cref="BackingFile"/>, since QEMU does not probe any more.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>Type of a header extension that marks the file, or null. QEMU passes over types that it does not know, and keeps them.</summary>
    public uint? Marker { get; init; }

    /// <summary>What the marking extension holds; at most 4096 bytes.</summary>
    public ReadOnlyMemory<byte> MarkerData { get; init; }
}
