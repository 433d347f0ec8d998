namespace Hyper2Kvm.Bcd;

/// <summary>How a device element names a partition: GUIDs on a GPT disk; signature and byte offset on an MBR disk.</summary>
public sealed record BcdPartitionId
{
    private BcdPartitionId()
    {
    }

    /// <summary>GPT unique partition GUID; null on an MBR disk.</summary>
    public Guid? PartitionGuid { get; private init; }

    /// <summary>GPT disk GUID; null on an MBR disk.</summary>
    public Guid? DiskGuid { get; private init; }

    /// <summary>First byte of the partition; null on a GPT disk.</summary>
    public ulong? Offset { get; private init; }

    /// <summary>MBR disk signature; null on a GPT disk.</summary>
    public uint? DiskSignature { get; private init; }

    public bool IsGpt => PartitionGuid is not null;

    public static BcdPartitionId Gpt(Guid partition, Guid disk) => new() { PartitionGuid = partition, DiskGuid = disk };

    public static BcdPartitionId Mbr(ulong offset, uint signature) => new() { Offset = offset, DiskSignature = signature };

    public override string ToString() => $"partition {(IsGpt ? "" : "at ")}{Ids}";

    /// <summary>The bare ids, for people.</summary>
    public string Ids => IsGpt
        ? FormattableString.Invariant($"{PartitionGuid:B} of disk {DiskGuid:B}")
        : FormattableString.Invariant($"0x{Offset:X} of disk 0x{DiskSignature:X8}");
}
