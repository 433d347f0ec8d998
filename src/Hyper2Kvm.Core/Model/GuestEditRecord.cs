namespace Hyper2Kvm;

/// <summary>One edit as the change log keeps it.</summary>
public sealed record GuestEditRecord
{
    /// <summary>Not public, for PowerShell would make a record full of nulls from any object that has some of its properties.</summary>
    internal GuestEditRecord()
    {
    }

    /// <summary>The log file; empty in a record that is being written.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>Number of the line in the log, from 1.</summary>
    public int Line { get; init; }

    /// <summary>When the edit was committed, UTC.</summary>
    public required DateTime Time { get; init; }

    /// <summary>Who ran it, as the host's operating system says.</summary>
    public required string User { get; init; }

    /// <summary>The machine on which it ran.</summary>
    public required string Computer { get; init; }

    public required string ToolVersion { get; init; }

    /// <summary>Name of an <see cref="EditMode"/>; of an undo, <c>Undo</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The image that held the edited guest.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Bytes of that file, as written.</summary>
    public required long ImageLength { get; init; }

    /// <summary>SHA-256 of that whole file, which is as large as the changes; null where it was not hashed.</summary>
    public string? ImageSha256 { get; init; }

    /// <summary>The image that the edit stands on.</summary>
    public required string SourcePath { get; init; }

    public required string SourceFormat { get; init; }

    /// <summary>Bytes that the guest sees.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>The files of the source, the first one first.</summary>
    public required IReadOnlyList<EditedFile> SourceFiles { get; init; }

    /// <summary>How many edits an undo took back; 0 in the record of an edit.</summary>
    public int UndoneEdits { get; init; }

    /// <summary>Number of the partition with the Windows that was edited; 0 in the record of an undo that found none of an edit.</summary>
    public required int Partition { get; init; }

    public required string GuestHostName { get; init; }

    public required string Windows { get; init; }

    public required IReadOnlyList<string> Steps { get; init; }

    public required IReadOnlyList<GuestChange> Changes { get; init; }

    /// <summary>What changed on the disk, with hashes before and after.</summary>
    public required IReadOnlyList<ChangedRange> Ranges { get; init; }

    /// <summary>Damage that was there before.</summary>
    public required IReadOnlyList<DiskFinding> Findings { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required string Undo { get; init; }

    public required TimeSpan Duration { get; init; }

    public override string ToString() => ImagePath;
}
