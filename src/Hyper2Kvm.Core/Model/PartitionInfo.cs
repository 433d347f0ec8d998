namespace Hyper2Kvm;

/// <summary>One partition as found on the disk.</summary>
public sealed record PartitionInfo
{
    /// <summary>Number as partitioning tools count, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>First byte on the disk.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>GPT type GUID in lower case, or MBR type as <c>0x07</c>.</summary>
    public required string TypeId { get; init; }

    /// <summary>GPT name; empty on MBR disks.</summary>
    public string Name { get; init; } = "";

    /// <summary>GPT unique partition GUID, or null.</summary>
    public Guid? UniqueId { get; init; }

    /// <summary>MBR active flag.</summary>
    public bool IsActive { get; init; }

    /// <summary>Drive letter that this Windows gives it, as <c>C:</c>; null when it gives none.</summary>
    public string? DriveLetter { get; init; }

    public PartitionRole Role { get; init; }

    /// <summary><c>NTFS</c>, <c>FAT32</c>, <c>BitLocker</c> ...; empty when unknown.</summary>
    public string FileSystem { get; init; } = "";

    /// <summary>Volume label.</summary>
    public string Label { get; init; } = "";

    public override string ToString() => $"{Number}: {Role} {FileSystem}".TrimEnd();
}
