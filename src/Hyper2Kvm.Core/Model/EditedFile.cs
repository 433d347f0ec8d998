namespace Hyper2Kvm;

/// <summary>A host file as it was when an edit used it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedUtc">Time of its last write.</param>
/// <param name="HeadSha256">SHA-256 of its first 64 KiB, which hold the headers of an image: not of the whole file.</param>
public sealed record EditedFile(string Path, long Length, DateTime ModifiedUtc, string HeadSha256)
{
    public override string ToString() => Path;
}
