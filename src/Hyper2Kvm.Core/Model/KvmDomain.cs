namespace Hyper2Kvm;

/// <summary>How to run it: a libvirt domain.</summary>
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

    public required string Xml { get; init; }

    public override string ToString() => Path ?? Name;
}
