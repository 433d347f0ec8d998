namespace Hyper2Kvm.Domains;

/// <summary>A disk of a domain besides the one that Windows is on.</summary>
/// <param name="Path">An absolute path on the KVM host.</param>
/// <param name="Format">In QEMU's words: <c>qcow2</c>, <c>raw</c>, <c>vmdk</c>, <c>vpc</c>, <c>vdi</c>.</param>
/// <param name="IsBootDisk">The firmware starts from it, not from the disk of Windows.</param>
public sealed record DomainDisk(string Path, string Format, bool IsBootDisk = false)
{
    public override string ToString() => Path;
}
