using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm;

/// <summary>What is there: the disk, its partitions, and the Windows on it. Plain data, no handles.</summary>
public sealed record WindowsLayout
{
    /// <summary>Not public, for PowerShell would make a layout full of nulls from any object that has some of its properties.</summary>
    internal WindowsLayout()
    {
    }

    /// <summary>Full host path of the image.</summary>
    public required string ImagePath { get; init; }

    public required ImageFormat Format { get; init; }

    /// <summary>Bytes that the guest sees.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>Logical sector size of the partition table, 512 or 4096.</summary>
    public required int SectorSize { get; init; }

    public required FirmwareMode Firmware { get; init; }

    public required PartitionStyle PartitionStyle { get; init; }

    /// <summary>GPT disk GUID, or null.</summary>
    public Guid? DiskId { get; init; }

    /// <summary>MBR disk signature, or null.</summary>
    public uint? DiskSignature { get; init; }

    public required IReadOnlyList<PartitionInfo> Partitions { get; init; }

    public required PartitionInfo WindowsPartition { get; init; }

    /// <summary>The EFI system partition, or the active one; null when the disk has none.</summary>
    public PartitionInfo? BootPartition { get; init; }

    public required WindowsVersion Windows { get; init; }

    /// <summary>Path on the Windows partition, usually <c>\Windows</c>.</summary>
    public required string WindowsRoot { get; init; }

    /// <summary>Usually <c>\Windows\System32</c>.</summary>
    public required string System32 { get; init; }

    /// <summary>Guest paths of the hives found: SYSTEM, SOFTWARE, DRIVERS.</summary>
    public required IReadOnlyList<string> Hives { get; init; }

    /// <summary>The control set that boots, from <c>Select\Current</c>: <c>ControlSet001</c>.</summary>
    public required string ControlSet { get; init; }

    /// <summary>The control sets that the next boot may take, the current one first: an edit writes to these.</summary>
    public required IReadOnlyList<string> BootControlSets { get; init; }

    /// <summary>The control set of 'Last known good configuration', where it is another: storage drivers go into it too, other edits do not.</summary>
    public string? LastKnownGood { get; init; }

    /// <summary>The control sets that storage drivers are registered in.</summary>
    internal IEnumerable<string> StorageControlSets => LastKnownGood is null ? BootControlSets : BootControlSets.Append(LastKnownGood);

    /// <summary>All control sets in the SYSTEM hive.</summary>
    public required IReadOnlyList<string> ControlSets { get; init; }

    /// <summary>Boot drivers bind through <c>DriverDatabase</c> (Windows 8 and later), else through CriticalDeviceDatabase.</summary>
    public required bool HasDriverDatabase { get; init; }

    /// <summary>Its kernel takes SHA-2 signatures of drivers: Windows 8 and later, and 7 and 2008 with the update for it.</summary>
    public bool VerifiesSha2 { get; init; } = true;

    /// <summary>The boot store has testsigning on: its kernel takes drivers that their makers signed for themselves.</summary>
    public bool TestSigning { get; init; }

    /// <summary>The boot store has nointegritychecks on, which only Vista and 2008 are documented to regard.</summary>
    public bool NoIntegrityChecks { get; init; }

    /// <summary>The HAL of a Windows before Vista in set-up's words: <c>acpiapic_mp</c>, <c>e_isa_up</c>; null for later ones, which choose at each start.</summary>
    public string? Hal { get; init; }

    internal bool KnowsAcpi => Hal is null || Hal.StartsWith("acpi", StringComparison.Ordinal);

    internal bool HasSingleProcessorHal => Hal?.EndsWith("_up", StringComparison.Ordinal) == true;

    public string HostName { get; init; } = "";

    /// <summary>Path of the boot store on <see cref="BootPartition"/>; null when none was found.</summary>
    public string? BcdPath { get; init; }

    /// <summary>The seed's decision: a VirtIO storage driver is registered to start at boot, bound, and its file is there.</summary>
    public required bool IsVirtioBootReady { get; init; }

    /// <summary>Services that make it so, for example <c>viostor</c>.</summary>
    public required IReadOnlyList<string> BootReadyDrivers { get; init; }

    /// <summary>The guest keeps its hardware clock in UTC.</summary>
    public bool RealTimeIsUniversal { get; init; }

    public required IReadOnlyList<GuestCondition> Conditions { get; init; }

    /// <summary>No condition blocks an edit.</summary>
    public bool IsEditable => !Conditions.Any(condition => condition.BlocksEdit);

    /// <summary>What may go wrong; it does not forbid an edit.</summary>
    public required IReadOnlyList<LayoutWarning> Warnings { get; init; }

    /// <summary>Full path of the archive (OVA) that the image lies in, or null.</summary>
    public string? Bundle { get; init; }

    /// <summary>The machine that the disk belongs to; null when the disk was named by itself.</summary>
    public SourceMachine? Machine { get; init; }

    /// <summary>The machine's other disks, in their order.</summary>
    public IReadOnlyList<DataDisk> DataDisks { get; init; } = [];

    /// <summary>Earlier states that the image file holds beside the present one, which is what is read; an overlay or a copy has none.</summary>
    public IReadOnlyList<DiskSnapshot> Snapshots { get; init; } = [];

    public override string ToString() => ImagePath;
}
