using Hyper2Kvm.Images;

namespace Hyper2Kvm.Domains;

/// <summary>What a user wants of the domains of a guest. What is null is as the source machine has it, else as the default says.</summary>
public sealed record DomainSettings
{
    public IReadOnlyList<DomainPhase> Phases { get; init; } = [DomainPhase.Bootstrap, DomainPhase.Final];

    /// <summary>What runs the domains.</summary>
    public KvmDomainKind Kind { get; init; }

    /// <summary>The machine that is taken over, in place of the layout's own.</summary>
    public SourceMachine? Machine { get; init; }

    /// <summary>Format of the image, where it is neither the source nor an edit of it.</summary>
    public ImageFormat? ImageFormat { get; init; }

    public string? Name { get; init; }

    public Guid? Uuid { get; init; }

    public IReadOnlyList<string>? MacAddresses { get; init; }

    public int? MemoryMiB { get; init; }

    public int? Sockets { get; init; }

    /// <summary>Cores of each socket.</summary>
    public int? Cores { get; init; }

    /// <summary>Bus of the final domain; that of the plan by default.</summary>
    public StorageBus? Bus { get; init; }

    /// <summary>Full host path of the driver ISO; the plan's source by default, where that is a file.</summary>
    public string? DriverIso { get; init; }

    /// <summary>Folder on the KVM host that will hold all disks; null: they stay where they are.</summary>
    public string? KvmFolder { get; init; }

    public string NetworkName { get; init; } = "default";

    /// <summary>Networks of the source machine to what they are on the KVM host, see <see cref="DomainNetwork.Parse"/>.</summary>
    public IReadOnlyDictionary<string, string>? NetworkMap { get; init; }

    public DomainCpuMode CpuMode { get; init; } = DomainCpuMode.HostModel;

    public bool? SecureBoot { get; init; }

    public bool? Tpm { get; init; }

    /// <summary>Replace files that differ.</summary>
    public bool Force { get; init; }
}
