using Hyper2Kvm.Images.Conversion;

namespace Hyper2Kvm.Conversion;

/// <summary>Which disk to convert, and into what.</summary>
public sealed record DiskConversionRequest
{
    /// <summary>The image.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The new file, or a folder for it; null: beside the image.</summary>
    public string? Destination { get; init; }

    public required ConversionSettings Settings { get; init; }

    /// <summary>Leave out free clusters of NTFS volumes and the content of page files.</summary>
    public bool SkipFreeSpace { get; init; }

    /// <summary>Compare the file with the source before it gets its name.</summary>
    public bool Verify { get; init; }

    /// <summary>Go on with what an earlier run left behind, and leave behind what this one has when it is interrupted.</summary>
    public bool Resume { get; init; }

    /// <summary>Begin anew, but leave behind what this run has when it is interrupted, for one that resumes.</summary>
    public bool KeepsPartial { get; init; }

    /// <summary>The folder of the destination is made before this is done for real: a rehearsal need not find it.</summary>
    public bool WillMakeFolder { get; init; }

    /// <summary>An existing file may be replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Nothing is written: only what would be done.</summary>
    public bool Preview { get; init; }

    /// <summary>Carried on to the result.</summary>
    public WindowsLayout? Layout { get; init; }

    /// <summary>Carried on to the result.</summary>
    public VirtioDriverPlan? Plan { get; init; }
}
