namespace Hyper2Kvm;

/// <summary>Whether a disk can start its Windows, by its partition table, its boot files and its boot store.</summary>
public sealed record BcdTest
{
    /// <summary>Not public, for PowerShell would make a test full of nulls from any object that has some of its properties.</summary>
    internal BcdTest()
    {
    }

    public required WindowsLayout Layout { get; init; }

    /// <summary>Carried on to the next cmdlet.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    public required string ImagePath { get; init; }

    public required FirmwareMode Firmware { get; init; }

    /// <summary>The boot store, or boot.ini, on <see cref="WindowsLayout.BootPartition"/>; null when there is none.</summary>
    public string? StorePath { get; init; }

    /// <summary>No finding is an error.</summary>
    public bool IsBootable => !Findings.Any(finding => finding.Severity == FindingSeverity.Error);

    /// <summary>Some findings are errors, and <c>Repair-Bcd</c> knows how to put all of these right.</summary>
    public bool IsRepairable => !IsBootable
        && Findings.All(finding => finding.Severity != FindingSeverity.Error || finding.IsRepairable);

    /// <summary>Errors first.</summary>
    public required IReadOnlyList<BcdFinding> Findings { get; init; }

    public override string ToString() => ImagePath;
}
