namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A node on the way from the root to an entry.</summary>
internal sealed class IndexNode
{
    /// <param name="vcn">Of its block; -1 for the root.</param>
    /// <param name="entries">Parsed; copied.</param>
    public IndexNode(long vcn, List<IndexEntry> entries)
        : this(vcn, entries.ConvertAll(entry => entry.Bytes.ToArray()))
    {
    }

    public IndexNode(long vcn, List<byte[]> entries)
    {
        Vcn = vcn;
        Entries = entries;
    }

    public long Vcn { get; }

    /// <summary>The last one has no key.</summary>
    public List<byte[]> Entries { get; }

    /// <summary>Where the sought key is, or where it belongs.</summary>
    public int Position { get; set; }

    public IndexEntry Current => new(Entries[Position]);
}
