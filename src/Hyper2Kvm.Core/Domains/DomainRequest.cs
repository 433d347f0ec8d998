using System.Globalization;

namespace Hyper2Kvm.Domains;

/// <summary>Everything that decides a domain's XML. The same request with another <see cref="Phase"/> is the other boot.</summary>
public sealed record DomainRequest
{
    public required WindowsLayout Layout { get; init; }

    public required DomainPhase Phase { get; init; }

    /// <summary>The disk to start from: an absolute path on the KVM host.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Its format in QEMU's words: <c>qcow2</c>, <c>raw</c> or <c>vmdk</c>.</summary>
    public required string DiskFormat { get; init; }

    /// <summary>In the order in which the guest knows them.</summary>
    public IReadOnlyList<DomainDisk> DataDisks { get; init; } = [];

    public required DomainIdentity Identity { get; init; }

    /// <summary>Disk bus of the final domain, and of the dummy disk of the bootstrap domain.</summary>
    public required StorageBus Bus { get; init; }

    public int MemoryMiB { get; init; } = 4096;

    /// <summary>Client editions of Windows use one or two sockets only: give cores instead.</summary>
    public int Sockets { get; init; } = 1;

    /// <summary>Cores of each socket.</summary>
    public int Cores { get; init; } = 2;

    /// <summary>The virtio-win ISO, an absolute path on the KVM host; attached in the bootstrap domain only.</summary>
    public string? DriverIso { get; init; }

    /// <summary>A small blank raw file, an absolute path on the KVM host: the VirtIO disk that makes Windows install its driver during
    /// the bootstrap boot.</summary>
    public string? DummyDiskPath { get; init; }

    /// <summary>The libvirt network of the cards that <see cref="Networks"/> says nothing of.</summary>
    public string NetworkName { get; init; } = "default";

    /// <summary>The network of each card, in the order of the identity's addresses; may be shorter, and null is <see cref="NetworkName"/>.</summary>
    public IReadOnlyList<DomainNetwork?> Networks { get; init; } = [];

    public DomainCpuMode CpuMode { get; init; } = DomainCpuMode.HostModel;

    /// <summary>UEFI Secure Boot with Microsoft's keys enrolled; needs Microsoft-signed drivers.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>An emulated TPM 2.0; null means: for Windows 11.</summary>
    public bool? Tpm { get; init; }

    /// <summary>What a card is plugged into.</summary>
    /// <param name="card">Its place among the identity's addresses, from 0.</param>
    public DomainNetwork NetworkOf(int card) => Networks.ElementAtOrDefault(card) ?? new DomainNetwork(NetworkName, IsBridge: false);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Identity.Name} {Phase}");
}
