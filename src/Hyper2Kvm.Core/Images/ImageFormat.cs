namespace Hyper2Kvm.Images;

/// <summary>Disk image formats that can be read.</summary>
public enum ImageFormat
{
    Raw,
    Qcow2,
    Vmdk,
    Vhd,
    Vhdx,
    Vdi,
}
