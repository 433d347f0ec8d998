namespace Hyper2Kvm.Images.Vhd;

/// <summary>Disk types of a VHD, with the numbers of its specification.</summary>
internal enum VhdType : uint
{
    Fixed = 2,
    Dynamic = 3,
    Differencing = 4,
}
