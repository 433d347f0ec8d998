namespace Hyper2Kvm.Blocks;

/// <summary>A device that can also be written. Probes take <see cref="IBlockDevice"/>, so the compiler keeps them honest.</summary>
public interface IWritableBlockDevice : IBlockDevice
{
    /// <summary>Writes all of <paramref name="data"/> at <paramref name="offset"/>, which must lie within the device.</summary>
    void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Hands everything written so far to what lies beneath, durably where that is a file.</summary>
    void Flush();
}
