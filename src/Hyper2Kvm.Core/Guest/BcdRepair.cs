using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Guest;

/// <summary>One thing that puts a boot store, or what starts it, right. One of the groups of properties is set.</summary>
internal sealed record BcdRepair
{
    /// <summary>Ids of the findings that it answers.</summary>
    public required IReadOnlyList<string> FindingIds { get; init; }

    /// <summary>Place of the finding; null when the id tells it alone.</summary>
    public string? Place { get; init; }

    /// <summary>The object whose element is changed.</summary>
    public Guid? ObjectId { get; init; }

    public uint ElementType { get; init; }

    /// <summary>The element's new bytes; null to delete it.</summary>
    public byte[]? Data { get; init; }

    /// <summary>The file to copy, and where to.</summary>
    public (PartitionInfo Partition, string Path)? CopyFrom { get; init; }

    public string? CopyTo { get; init; }

    /// <summary>Number of the primary partition that is to be the only active one.</summary>
    public int? ActivePartition { get; init; }

    public bool Answers(BcdFinding finding) => FindingIds.Contains(finding.Id) && (Place is null || Place == finding.Place);
}
