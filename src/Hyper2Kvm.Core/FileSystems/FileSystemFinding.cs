namespace Hyper2Kvm.FileSystems;

/// <summary>One thing that a checker found wrong on a volume. Two findings are equal when they say the same about the same place,
/// so that what was found before and after an edit can be compared.</summary>
/// <param name="Id">Stable id of the kind of fault, PascalCase, for example <c>NtfsClusterOwnedTwice</c>.</param>
/// <param name="Place">Where, in the words of the file system: <c>file record 0x2A</c>, <c>cluster 1234</c>, <c>\EFI\Boot</c>.</param>
/// <param name="Message">What should be there and what is.</param>
public sealed record FileSystemFinding(string Id, string Place, string Message)
{
    public override string ToString() => $"{Id}: {Place}: {Message}";
}
