namespace Hyper2Kvm;

/// <summary>What a watched boot of a domain came to. The disks were not touched: it ran on overlays that are thrown away.</summary>
public sealed record KvmBootResult
{
    /// <summary>Not public, for PowerShell would make a result full of nulls from any object that has some of its properties.</summary>
    internal KvmBootResult()
    {
    }

    public required string Name { get; init; }

    /// <summary>The domain that was booted; null where only its XML was given.</summary>
    public KvmDomain? Domain { get; init; }

    public DomainPhase? Phase => BootedPhase ?? Domain?.Phase;

    /// <summary>Where the domain itself is not at hand any more.</summary>
    internal DomainPhase? BootedPhase { get; init; }

    public WindowsLayout? Layout => Domain?.Layout;

    public VirtioDriverPlan? Plan => Domain?.Plan;

    public string? ImagePath => Domain?.ImagePath;

    public required KvmBootOutcome Outcome { get; init; }

    public bool IsSuccess => Outcome == KvmBootOutcome.Reached;

    /// <summary>The furthest stage.</summary>
    public required KvmBootStage Reached { get; init; }

    public required IReadOnlyList<KvmBootMilestone> Milestones { get; init; }

    /// <summary>Blue screen code, or status code of the boot manager: <c>0x0000007B</c>, <c>0xC000000F</c>; null when none was seen.</summary>
    public string? Code { get; init; }

    /// <summary>Name of the code: <c>INACCESSIBLE_BOOT_DEVICE</c>.</summary>
    public string? CodeName { get; init; }

    /// <summary>The likely cause; null when all went well.</summary>
    public string? Cause { get; init; }

    /// <summary>What mends it.</summary>
    public string? Remedy { get; init; }

    /// <summary>PNG files, in order of time.</summary>
    public required IReadOnlyList<string> Screenshots { get; init; }

    /// <summary>What the guest wrote on its first serial port.</summary>
    public required string SerialLog { get; init; }

    /// <summary><c>kvm</c> or <c>tcg</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Who ran it: <c>QEMU</c>, or libvirt with its URI; empty where an earlier run did not say.</summary>
    public string Through { get; init; } = "";

    public required TimeSpan Duration { get; init; }

    public override string ToString() => $"{Name}: {Outcome}";
}
