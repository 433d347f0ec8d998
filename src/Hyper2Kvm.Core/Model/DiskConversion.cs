using Hyper2Kvm.Images;

namespace Hyper2Kvm;

/// <summary>A disk image that was made from another.</summary>
public sealed record DiskConversion
{
    /// <summary>Not public, for PowerShell would make a conversion full of nulls from any object that has some of its properties.</summary>
    internal DiskConversion()
    {
    }

    /// <summary>The layout that came down the pipeline, or null.</summary>
    public WindowsLayout? Layout { get; init; }

    /// <summary>The plan that came down the pipeline, or null.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The new image; in a preview the source, for there is no other.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Format of the image that <see cref="ImagePath"/> names.</summary>
    public required ImageFormat ImageFormat { get; init; }

    /// <summary>The image that was there before and still is as it was.</summary>
    public required string SourcePath { get; init; }

    public required ImageFormat SourceFormat { get; init; }

    /// <summary>Where the new image is, or in a preview would be.</summary>
    public required string Destination { get; init; }

    /// <summary>Size of the disk in bytes.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>Bytes of the disk that this run read from the source and those beneath it; what is not allocated is not read.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes that this run wrote.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Bytes of the disk that are free in its file systems, or hold pages, and were left out.</summary>
    public required long BytesLeftOut { get; init; }

    /// <summary>The new image was read again and is the same disk.</summary>
    public required bool IsVerified { get; init; }

    /// <summary>How long all of it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Bytes of the disk per second.</summary>
    public double BytesPerSecond => Duration > TimeSpan.Zero ? BytesRead / Duration.TotalSeconds : 0;

    public override string ToString() => ImagePath;
}
