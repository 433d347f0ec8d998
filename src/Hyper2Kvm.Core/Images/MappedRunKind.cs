namespace Hyper2Kvm.Images;

/// <summary>Where the bytes of a run of an image are.</summary>
internal enum MappedRunKind
{
    /// <summary>Not in this image: in its backing image, or zero without one.</summary>
    Absent,

    /// <summary>This image says that they are zero.</summary>
    Zero,

    /// <summary>In the file, as they are.</summary>
    Data,

    /// <summary>In the file, compressed; the run is one block.</summary>
    Compressed,
}
