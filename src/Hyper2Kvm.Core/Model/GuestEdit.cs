namespace Hyper2Kvm;

/// <summary>What we did to a guest, and where the result is.</summary>
public sealed record GuestEdit
{
    /// <summary>Not public, for PowerShell would make an edit full of nulls from any object that has some of its properties.</summary>
    internal GuestEdit()
    {
    }

    public required WindowsLayout Layout { get; init; }

    /// <summary>The plan that the cmdlets before carried; null where the edit needed none.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The image that holds the edited guest; in a preview, the image that would be edited.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The image that was there before; it still is as it was unless the edit was made in place.</summary>
    public required string SourcePath { get; init; }

    public required EditMode Mode { get; init; }

    /// <summary>What this edit did, in order; a preview holds what the previews before it did.</summary>
    public required IReadOnlyList<EditAction> Actions { get; init; }

    /// <summary>Names of the steps of <see cref="Actions"/>.</summary>
    public IReadOnlyList<string> Steps => [.. Actions.Select(action => action.Step)];

    public required IReadOnlyList<GuestChange> Changes { get; init; }

    /// <summary>Bytes of the disk that differ from the source, in whole clusters; of an edit in place: bytes of the image's files.</summary>
    public required long BytesChanged { get; init; }

    /// <summary>Damage in what the edit touched that was there before it and still is.</summary>
    public IReadOnlyList<DiskFinding> Findings { get; init; } = [];

    /// <summary>What the edit warned of, and which drivers it put in though this Windows does not load them.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The change log with the record of this edit; null when nothing was written.</summary>
    public string? LogPath { get; init; }

    /// <summary>How to undo it, as a command.</summary>
    public required string Undo { get; init; }

    /// <summary>The journal by which an edit in place is undone; null for an overlay, and where nothing had to be changed.</summary>
    public string? UndoPath { get; init; }

    /// <summary>How long the edit took.</summary>
    public required TimeSpan Duration { get; init; }

    public override string ToString() => ImagePath;
}
