namespace Hyper2Kvm.Domains;

/// <summary>A domain in the words of what runs it.</summary>
public static class DomainText
{
    /// <summary>The file's content, with line feeds, for UTF-8; the same request gives the same text.</summary>
    /// <exception cref="Diagnostics.GuestStateException">As <see cref="DomainXmlWriter.Write"/>.</exception>
    /// <exception cref="Diagnostics.UnsupportedFeatureException">As <see cref="DomainXmlWriter.Write"/>; <c>DomainPlatform</c>.</exception>
    public static string Write(DomainRequest request, KvmDomainKind kind)
    {
        ArgumentNullException.ThrowIfNull(request);
        return kind switch
        {
            KvmDomainKind.Qemu => QemuScript.Write(request),
            KvmDomainKind.KubeVirt => KubeVirtManifest.Write(request),
            KvmDomainKind.Proxmox => ProxmoxScript.Write(request),
            _ => DomainXmlWriter.Write(request),
        };
    }

    /// <summary>What such a file's name ends with.</summary>
    public static string Extension(KvmDomainKind kind) => kind switch
    {
        KvmDomainKind.Qemu => ".qemu.sh",
        KvmDomainKind.KubeVirt => ".kubevirt.yaml",
        KvmDomainKind.Proxmox => ".proxmox.sh",
        _ => ".xml",
    };
}
