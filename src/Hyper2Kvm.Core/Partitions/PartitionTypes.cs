namespace Hyper2Kvm.Partitions;

/// <summary>Partition types that matter to Windows. Source: Microsoft, PARTITION_INFORMATION_GPT and "Disk Partition Types".</summary>
public static class PartitionTypes
{
    /// <summary>MBR: NTFS or exFAT.</summary>
    public const byte MbrNtfs = 0x07;

    /// <summary>MBR: Windows recovery environment.</summary>
    public const byte MbrRecovery = 0x27;

    /// <summary>MBR: Windows dynamic disk (LDM).</summary>
    public const byte MbrLdm = 0x42;

    /// <summary>MBR: one entry over a GPT disk.</summary>
    public const byte MbrProtective = 0xEE;

    /// <summary>MBR: EFI system partition.</summary>
    public const byte MbrEfiSystem = 0xEF;

    public static Guid EfiSystem { get; } = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    public static Guid MicrosoftReserved { get; } = new("e3c9e316-0b5c-4db8-817d-f92df00215ae");

    public static Guid BasicData { get; } = new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");

    public static Guid WindowsRecovery { get; } = new("de94bba4-06d1-4d40-a16a-bfd50179d6ac");

    /// <summary>Windows dynamic disk: its database.</summary>
    public static Guid LdmMetadata { get; } = new("5808c8aa-7e8f-42e0-85d2-e1e90434cfb3");

    /// <summary>Windows dynamic disk: its volumes.</summary>
    public static Guid LdmData { get; } = new("af9b60a0-1431-4f62-bc68-3311714a69ad");

    public static Guid StorageSpaces { get; } = new("e75caf8f-f680-4cee-afa3-b001e56efc2d");

    /// <summary>Replica log of Storage Replica.</summary>
    public static Guid StorageReplica { get; } = new("558d43c5-a1ac-43c0-aac8-d1472b2923d1");

    /// <summary>MBR extended partition: CHS, LBA, Linux.</summary>
    public static bool IsExtended(byte mbrType) => mbrType is 0x05 or 0x0F or 0x85;

    public static bool IsEfiSystem(PartitionEntry entry) => entry.MbrType == MbrEfiSystem || entry.TypeGuid == EfiSystem;

    public static bool IsMicrosoftReserved(PartitionEntry entry) => entry.TypeGuid == MicrosoftReserved;

    public static bool IsRecovery(PartitionEntry entry) => entry.MbrType == MbrRecovery || entry.TypeGuid == WindowsRecovery;

    /// <summary>A part of a Windows dynamic disk.</summary>
    public static bool IsDynamicDisk(PartitionEntry entry) =>
        entry.MbrType == MbrLdm || entry.TypeGuid == LdmMetadata || entry.TypeGuid == LdmData;

    /// <summary>A part of a storage pool.</summary>
    public static bool IsStorageSpaces(PartitionEntry entry) => entry.TypeGuid == StorageSpaces;
}
