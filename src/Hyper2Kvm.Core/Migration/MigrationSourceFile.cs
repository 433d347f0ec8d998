namespace Hyper2Kvm.Migration;

/// <summary>A host file as it was when a migration read it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedUtc">Time of its last write.</param>
internal sealed record MigrationSourceFile(string Path, long Length, DateTime ModifiedUtc)
{
    public static MigrationSourceFile Of(string path)
    {
        FileInfo file = new(path);
        return new MigrationSourceFile(path, file.Length, file.LastWriteTimeUtc);
    }
}
