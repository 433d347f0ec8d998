namespace Hyper2Kvm.Images.Conversion;

/// <summary>How the clusters of a new QCOW2 file are kept.</summary>
public enum ImageCompression
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>Deflate: every QEMU reads it.</summary>
    Zlib,

    /// <summary>Zstandard: QEMU 5.1 and later.</summary>
    Zstd,
}
