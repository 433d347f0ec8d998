namespace Hyper2Kvm;

/// <summary>How to run it: a domain of libvirt, or of what else runs it.</summary>
public sealed record KvmDomain
{
    public required WindowsLayout Layout { get; init; }

    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The disk that the domain starts from.</summary>
    public required string ImagePath { get; init; }

    public required string Name { get; init; }

    public required DomainPhase Phase { get; init; }

    /// <summary>The file that was written; null in a rehearsal.</summary>
    public string? Path { get; init; }

    /// <summary>The blank VirtIO disk of the bootstrap domain, as a file of this host; null in a rehearsal and for the final domain.</summary>
    public string? DummyDiskPath { get; init; }

    /// <summary>The same as the domain names it, where it was not written.</summary>
    internal string? RehearsedDummyDisk { get; init; }

    /// <summary>What runs it.</summary>
    public KvmDomainKind Kind { get; init; }

    /// <summary>What the file says, for that <see cref="Kind"/>.</summary>
    public required string Text { get; init; }

    /// <summary>The libvirt domain, of every kind; <c>Test-KvmBoot</c> takes it.</summary>
    public required string Xml { get; init; }

    public override string ToString() => Path ?? Name;
}
