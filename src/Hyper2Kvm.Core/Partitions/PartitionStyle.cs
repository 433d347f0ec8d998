namespace Hyper2Kvm.Partitions;

/// <summary>How a disk says where its partitions are.</summary>
public enum PartitionStyle
{
    /// <summary>No table: the disk is one volume.</summary>
    None,
    Mbr,
    Gpt,
}
