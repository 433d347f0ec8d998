using Hyper2Kvm.Images;

namespace Hyper2Kvm.Migration;

/// <summary>A disk on its way: where it is, and where its copy goes where it gets one.</summary>
/// <param name="Source">Full path of the image.</param>
/// <param name="Target">Full path of its copy.</param>
/// <param name="Format">Of the copy.</param>
/// <param name="Obstacle">Why it cannot stay where it is, in words that follow "because"; null when it can.</param>
internal sealed record MigrationDisk(string Source, string Target, ImageFormat Format, string? Obstacle)
{
    /// <summary>It has to be copied before anything can be done with it.</summary>
    public bool IsCopiedFirst => Obstacle is not null;
}
