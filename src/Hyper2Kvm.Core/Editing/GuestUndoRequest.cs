namespace Hyper2Kvm.Editing;

/// <summary>What is to be undone.</summary>
public sealed record GuestUndoRequest
{
    /// <summary>The image that was edited in place, an overlay that an edit made, or the image beneath such an overlay.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Only the last of several edits in place.</summary>
    public bool Last { get; init; }

    /// <summary>Remove an overlay though a guest has written to it; pass over times of writing of a disk that was copied.</summary>
    public bool Force { get; init; }
}
