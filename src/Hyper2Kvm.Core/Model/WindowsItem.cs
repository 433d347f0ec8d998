namespace Hyper2Kvm;

/// <summary>A file, a folder or a partition of a powered-off Windows disk, as the drive of the provider WindowsDisk shows it.</summary>
public sealed record WindowsItem
{
    /// <summary>As stored, control characters written <c>\uXXXX</c>; a partition is called <c>Partition1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Within its volume, <c>\Windows\INF\setupapi.dev.log</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>Number of the partition that it lies on.</summary>
    public required int Partition { get; init; }

    /// <summary>Bytes of content; of a partition its size; 0 for folders.</summary>
    public long Length { get; init; }

    /// <summary>Time of the last write; null for a partition.</summary>
    public DateTime? LastWriteTimeUtc { get; init; }

    public FileAttributes Attributes { get; init; }

    /// <summary>File system and label of a partition; else empty.</summary>
    public string Volume { get; init; } = "";

    /// <summary>As <c>Get-ChildItem</c> of a file system shows it: <c>d----</c>, <c>-a-hs</c>, <c>l----</c> for a link.</summary>
    public string Mode => string.Concat(
        Has(FileAttributes.ReparsePoint) ? 'l' : Has(FileAttributes.Directory) ? 'd' : '-',
        Has(FileAttributes.Archive) ? 'a' : '-',
        Has(FileAttributes.ReadOnly) ? 'r' : '-',
        Has(FileAttributes.Hidden) ? 'h' : '-').ToString() + (Has(FileAttributes.System) ? 's' : '-');

    public override string ToString() => FullName;

    private bool Has(FileAttributes attribute) => (Attributes & attribute) != 0;
}
