namespace Hyper2Kvm;

/// <summary>The virtual machine that a disk comes from, as its hypervisor describes it. What the description does not say is null.</summary>
public sealed record SourceMachine
{
    /// <summary>Not public, for PowerShell would make one full of nulls from any object that has some of its properties.</summary>
    internal SourceMachine()
    {
    }

    public required string Name { get; init; }

    /// <summary>The machine's id as its hypervisor writes it.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>The UUID that the guest reads from its SMBIOS tables. VMware writes the bytes in their order; a guest, as SMBIOS 2.6 says,
    /// reads the first three fields little-endian.</summary>
    public Guid? SmbiosUuid { get; init; }

    /// <summary>All logical processors.</summary>
    public int? CpuCount { get; init; }

    public int? SocketCount { get; init; }

    public int? CoresPerSocket { get; init; }

    public long? MemoryBytes { get; init; }

    public FirmwareMode? Firmware { get; init; }

    public bool? SecureBoot { get; init; }

    public bool? Tpm { get; init; }

    /// <summary>In the order in which the firmware tries them.</summary>
    public required IReadOnlyList<SourceDisk> Disks { get; init; }

    public required IReadOnlyList<SourceNic> Nics { get; init; }

    /// <summary>The guest system in the hypervisor's words: <c>windows2019srv_64Guest</c>.</summary>
    public string OsId { get; init; } = "";

    /// <summary>The guest system in words for people.</summary>
    public string OsName { get; init; } = "";

    public required SourceMachineKind Kind { get; init; }

    /// <summary>Where the description was found: full path of the file, or the object's type.</summary>
    public required string Origin { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public override string ToString() => Name;
}
