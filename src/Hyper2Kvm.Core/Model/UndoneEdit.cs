namespace Hyper2Kvm;

/// <summary>What was undone.</summary>
public sealed record UndoneEdit
{
    /// <summary>Not public, as that of <see cref="GuestEdit"/>.</summary>
    internal UndoneEdit()
    {
    }

    /// <summary>The disk, as it was before the edit.</summary>
    public required string ImagePath { get; init; }

    public required EditMode Mode { get; init; }

    /// <summary>How many edits were undone; an overlay counts as one.</summary>
    public required int Edits { get; init; }

    /// <summary>Bytes that were put back into the image's files.</summary>
    public required long BytesRestored { get; init; }

    /// <summary>The overlay that was removed; null after an edit in place.</summary>
    public required string? RemovedPath { get; init; }

    public override string ToString() => ImagePath;
}
