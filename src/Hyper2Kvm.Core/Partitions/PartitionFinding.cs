namespace Hyper2Kvm.Partitions;

/// <summary>Something about a partition table that is not as it should be.</summary>
/// <param name="Id">Stable id of the kind of fault, PascalCase.</param>
/// <param name="IsHarmless">Windows and firmware start all the same.</param>
/// <param name="Place">The structure, and where it lies.</param>
/// <param name="Message">What should be there and what is.</param>
public sealed record PartitionFinding(string Id, bool IsHarmless, string Place, string Message)
{
    public override string ToString() => $"{Id}: {Place}: {Message}";
}
