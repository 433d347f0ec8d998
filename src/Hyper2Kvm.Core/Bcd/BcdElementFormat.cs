namespace Hyper2Kvm.Bcd;

/// <summary>Bits 24 to 27 of an element type.</summary>
public enum BcdElementFormat
{
    Device = 1,
    Text = 2,
    Object = 3,
    ObjectList = 4,
    Integer = 5,
    Flag = 6,
    IntegerList = 7,
}
