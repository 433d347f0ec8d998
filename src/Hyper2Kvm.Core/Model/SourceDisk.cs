namespace Hyper2Kvm;

/// <summary>A disk of a source machine, as its description has it. CD-ROM and floppy drives are none.</summary>
public sealed record SourceDisk
{
    /// <summary>Not public, for PowerShell would make one full of nulls from any object that has some of its properties.</summary>
    internal SourceDisk()
    {
    }

    /// <summary>Full path of the image on this host, or <c>x.ova/disk.vmdk</c>; null where no such file is here.</summary>
    public string? ImagePath { get; init; }

    /// <summary>The image's place as the description writes it; empty for a disk without content.</summary>
    public required string Source { get; init; }

    public required DiskController Controller { get; init; }

    /// <summary>In the source's words: <c>lsilogic</c>, <c>pvscsi</c>, <c>AHCI</c>; may be empty.</summary>
    public string ControllerModel { get; init; } = "";

    /// <summary>Number of the controller among those of its kind.</summary>
    public int Bus { get; init; }

    /// <summary>Number of the disk at its controller.</summary>
    public int Unit { get; init; }

    /// <summary>Bytes that the guest sees, where the description says it.</summary>
    public long? Capacity { get; init; }

    /// <summary>1 for the disk that the firmware tries first.</summary>
    public int BootOrder { get; init; }

    public override string ToString() => ImagePath ?? Source;
}
