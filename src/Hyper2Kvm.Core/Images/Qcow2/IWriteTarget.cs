namespace Hyper2Kvm.Images.Qcow2;

/// <summary>A file in the making, written at any place.</summary>
internal interface IWriteTarget
{
    void Write(long offset, ReadOnlySpan<byte> bytes);
}
