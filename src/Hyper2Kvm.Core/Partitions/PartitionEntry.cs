using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Partitions;

/// <summary>One partition of a table, as the table has it.</summary>
public sealed record PartitionEntry
{
    /// <summary>As sfdisk and sgdisk count: the slot from 1; logical MBR partitions from 5.</summary>
    public required int Number { get; init; }

    /// <summary>Where it lies on the disk, in bytes.</summary>
    public required BlockRange Range { get; init; }

    /// <summary>MBR type, or null.</summary>
    public byte? MbrType { get; init; }

    /// <summary>GPT type, or null; see <see cref="PartitionTypes"/>.</summary>
    public Guid? TypeGuid { get; init; }

    /// <summary>GPT partition GUID, or null.</summary>
    public Guid? UniqueId { get; init; }

    /// <summary>GPT name; else empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>MBR active flag.</summary>
    public bool IsActive { get; init; }

    /// <summary>GPT attributes; else 0.</summary>
    public ulong Attributes { get; init; }

    /// <summary>An MBR extended partition: a container of the logical ones, not a volume.</summary>
    public bool IsExtended => MbrType is { } type && PartitionTypes.IsExtended(type);
}
