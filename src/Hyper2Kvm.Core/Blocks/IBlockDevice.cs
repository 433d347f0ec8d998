namespace Hyper2Kvm.Blocks;

/// <summary>Bytes that can be read at any offset: a disk, a partition, or a file inside a guest.</summary>
/// <remarks>Implementations are not thread-safe unless they say so. Reading is synchronous by design.</remarks>
public interface IBlockDevice
{
    /// <summary>Size in bytes.</summary>
    long Length { get; }

    /// <summary>Logical sector size in bytes: 512 or 4096; 1 for a file.</summary>
    int SectorSize { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>; offsets need no alignment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie within <see cref="Length"/>: a bug of the caller,
    /// which must check lengths that come from a disk before it reads (<see cref="BlockDeviceExtensions.ReadChecked"/>).</exception>
    void Read(long offset, Span<byte> buffer);
}
