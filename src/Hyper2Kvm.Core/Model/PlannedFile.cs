namespace Hyper2Kvm;

/// <summary>A file of a driver package.</summary>
/// <param name="Name">File name in the package.</param>
/// <param name="SourcePath">Path within the driver source (ISO or folder), with forward slashes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex; the edit copies exactly these bytes or refuses.</param>
public sealed record PlannedFile(string Name, string SourcePath, long Length, string Sha256)
{
    public override string ToString() => Name;
}
