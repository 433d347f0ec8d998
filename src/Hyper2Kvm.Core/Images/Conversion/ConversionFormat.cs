namespace Hyper2Kvm.Images.Conversion;

/// <summary>Formats that a disk can be converted to.</summary>
public enum ConversionFormat
{
    Qcow2,
    Raw,
}
