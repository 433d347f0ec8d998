using Hyper2Kvm.Images.Qcow2;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>A host file in the making. Safe for several threads at once.</summary>
internal sealed class FileTarget(SafeFileHandle handle) : IWriteTarget
{
    private long _bytesWritten;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(handle, bytes, offset);
        Interlocked.Add(ref _bytesWritten, bytes.Length);
    }
}
