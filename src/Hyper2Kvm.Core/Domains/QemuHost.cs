namespace Hyper2Kvm.Domains;

/// <summary>What a QEMU command line needs to know of the host that it is for, and that libvirt would have found out itself.</summary>
public sealed record QemuHost
{
    /// <summary>Hardware virtualisation is there; else QEMU emulates the processor, which knows no Hyper-V enlightenments.</summary>
    public bool HasKvm { get; init; } = true;

    /// <summary>The UEFI firmware's code; needed where the domain starts by UEFI.</summary>
    public string? FirmwareCode { get; init; }

    /// <summary>This domain's own copy of the firmware's variable store.</summary>
    public string? FirmwareVariables { get; init; }

    /// <summary>Unix socket of the swtpm that serves this domain; needed where the domain has a TPM.</summary>
    public string? TpmSocket { get; init; }

    /// <summary>Unix socket for the guest agent's channel; null leaves the channel without a listener.</summary>
    public string? AgentSocket { get; init; }

    /// <summary>File that takes what the guest writes on its first serial port; null for a pseudo terminal.</summary>
    public string? SerialLog { get; init; }

    /// <summary>Network behind each card in the words of <c>-netdev</c>, without its id; <c>{0}</c> is the libvirt network's name.</summary>
    public string Network { get; init; } = "bridge,br={0}";

    /// <summary>Show the screen by VNC as the domain says; else nowhere, for a run that is only watched.</summary>
    public bool HasDisplay { get; init; } = true;
}
