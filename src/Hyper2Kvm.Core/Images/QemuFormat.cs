namespace Hyper2Kvm.Images;

/// <summary>The formats as QEMU calls them.</summary>
public static class QemuFormat
{
    /// <summary>QEMU's name of the format: of its block driver, as in <c>qemu-img -f</c> and in the header of a QCOW2 overlay.</summary>
    public static string QemuName(this ImageFormat format) => format switch
    {
        ImageFormat.Raw => "raw",
        ImageFormat.Qcow2 => "qcow2",
        ImageFormat.Vmdk => "vmdk",
        ImageFormat.Vhd => "vpc",
        ImageFormat.Vhdx => "vhdx",
        ImageFormat.Vdi => "vdi",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>libvirt follows a backing file of this format. It has no name for VHDX, so it starts no domain over one
    /// (its schema storagecommon.rng, storageFormat).</summary>
    public static bool IsKnownToLibvirt(this ImageFormat format) => format != ImageFormat.Vhdx;
}
