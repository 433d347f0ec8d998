namespace Hyper2Kvm.Images;

/// <summary>Bytes to be put into a file of the host.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Offset">First byte within the file.</param>
/// <param name="Before">What is there.</param>
/// <param name="After">What is to be there; as long as <paramref name="Before"/>.</param>
internal sealed record HostPatch(string Path, long Offset, byte[] Before, byte[] After)
{
    /// <summary>First byte after it.</summary>
    public long End => Offset + Before.Length;
}
