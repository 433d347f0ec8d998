namespace Hyper2Kvm;

/// <summary>A file that was copied out of a powered-off Windows disk.</summary>
/// <param name="Source">Path within its volume.</param>
/// <param name="Path">Full path of the copy on the host.</param>
/// <param name="Length">Bytes.</param>
public sealed record WindowsItemCopy(string Source, string Path, long Length)
{
    public override string ToString() => Path;
}
