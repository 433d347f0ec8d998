using Hyper2Kvm.Images;

namespace Hyper2Kvm;

/// <summary>What the checkers say of a disk.</summary>
public sealed record DiskCheck
{
    /// <summary>Not public, for PowerShell would make a check full of nulls from any object that has some of its properties.</summary>
    internal DiskCheck()
    {
    }

    /// <summary>Full host path of the image.</summary>
    public required string ImagePath { get; init; }

    public required ImageFormat Format { get; init; }

    /// <summary>Only what an edit touches was checked.</summary>
    public required bool IsQuick { get; init; }

    /// <summary>All findings, the gravest first.</summary>
    public required IReadOnlyList<DiskFinding> Findings { get; init; }

    /// <summary>What was checked, for example <c>partition 3: NTFS</c>.</summary>
    public required IReadOnlyList<string> Checked { get; init; }

    /// <summary>What could not be checked, and why.</summary>
    public required IReadOnlyList<string> NotChecked { get; init; }

    /// <summary>No damage in what was checked.</summary>
    public bool IsClean => !Findings.Any(finding => finding.IsDamage);

    /// <summary>Nothing was left out: together with <see cref="IsClean"/>, the disk is in order.</summary>
    public bool IsComplete => NotChecked.Count == 0;

    /// <summary>How long the check took.</summary>
    public required TimeSpan Duration { get; init; }

    public override string ToString() => ImagePath;
}
