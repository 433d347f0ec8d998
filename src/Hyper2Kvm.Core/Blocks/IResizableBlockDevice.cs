namespace Hyper2Kvm.Blocks;

/// <summary>A writable device whose length can change: a file inside a guest.</summary>
public interface IResizableBlockDevice : IWritableBlockDevice
{
    /// <summary>Grows (with zeros) or shrinks the file to <paramref name="length"/> bytes.</summary>
    void SetLength(long length);
}
