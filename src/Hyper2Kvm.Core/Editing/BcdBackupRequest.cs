namespace Hyper2Kvm.Editing;

/// <summary>Which boot store to copy out, and where to.</summary>
public sealed record BcdBackupRequest
{
    public required WindowsLayout Layout { get; init; }

    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The image to read: the source, or the overlay of an edit.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Host folder for the copy; made where it is missing.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Read and judge the store but write nothing.</summary>
    public bool Preview { get; init; }
}
