namespace Hyper2Kvm.Images;

/// <summary>A run of bytes in a file of the host.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Offset">First byte within the file.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct HostRange(string Path, long Offset, long Length);
