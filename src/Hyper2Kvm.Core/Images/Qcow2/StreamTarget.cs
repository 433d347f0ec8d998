namespace Hyper2Kvm.Images.Qcow2;

/// <summary>A stream as a file in the making.</summary>
internal sealed class StreamTarget(Stream stream) : IWriteTarget
{
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        stream.Position = offset;
        stream.Write(bytes);
    }
}
