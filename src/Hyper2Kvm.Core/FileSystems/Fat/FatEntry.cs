namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A file or directory as its directory names it.</summary>
/// <param name="Name">The long name, else the short name with the case that NT noted.</param>
/// <param name="ShortName">The 8.3 name.</param>
/// <param name="Attributes">DIR_Attr.</param>
/// <param name="FirstCluster">0 for an empty file.</param>
/// <param name="Length">Bytes; 0 for directories.</param>
/// <param name="ModifiedUtc">DIR_WrtDate, DIR_WrtTime.</param>
/// <param name="EntryOffset">Where the short entry is on the volume.</param>
internal sealed record FatEntry(
    string Name, string ShortName, byte Attributes, uint FirstCluster, uint Length, DateTime ModifiedUtc, long EntryOffset)
{
    public bool IsDirectory => (Attributes & FatEntryView.DirectoryAttribute) != 0;

    public bool Matches(string name) =>
        Name.Equals(name, StringComparison.OrdinalIgnoreCase) || ShortName.Equals(name, StringComparison.OrdinalIgnoreCase);

    public GuestEntry ToGuestEntry() =>
        new(Name, (GuestFileAttributes)(Attributes & 0x37), IsDirectory ? 0 : Length, ModifiedUtc);
}
