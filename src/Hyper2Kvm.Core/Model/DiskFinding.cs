namespace Hyper2Kvm;

/// <summary>Something on a disk that is not as it should be.</summary>
/// <param name="Id">Stable id of the kind of fault, for example <c>NtfsClusterOwnedTwice</c>.</param>
/// <param name="Severity">Error: data is or will be lost, or the guest does not start. Warning: damage that Windows lives with or mends
/// itself. Information: worth knowing, no damage.</param>
/// <param name="Partition">Number of the partition; null for the disk as a whole.</param>
/// <param name="Structure">What was being checked: <c>GPT</c>, <c>NTFS</c>, <c>FAT</c>, <c>\Windows\System32\config\SYSTEM</c>, <c>BCD</c>.</param>
/// <param name="Place">Where in it: <c>file record 0x2A</c>, <c>cluster 1234</c>, <c>cell 0x1020</c>; empty for the whole of it.</param>
/// <param name="Message">What should be there and what is.</param>
/// <param name="Remedy">What the user can do about it.</param>
public sealed record DiskFinding(
    string Id, FindingSeverity Severity, int? Partition, string Structure, string Place, string Message, string Remedy)
{
    /// <summary>Not mere information.</summary>
    public bool IsDamage => Severity != FindingSeverity.Information;

    public override string ToString() => $"{Severity} {Id}";
}
