namespace Hyper2Kvm;

/// <summary>An internal snapshot of a disk image: an earlier state of the disk in the same file.</summary>
/// <param name="Id">As the image numbers it.</param>
/// <param name="Name">As its maker called it.</param>
/// <param name="Created">When it was taken.</param>
public sealed record DiskSnapshot(string Id, string Name, DateTimeOffset Created)
{
    public override string ToString() => Name.Length > 0 ? Name : Id;
}
