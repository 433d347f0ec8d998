namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>A directory's names: its <c>$I30</c> index.</summary>
internal sealed class DirectoryIndex(IndexTree tree, UpcaseTable upcase)
{
    /// <summary>The entry of this name, in whatever case and namespace, or null.</summary>
    public IndexEntry? Find(string name) => tree.Find(entry => upcase.Compare(name, FileNameView.NameOf(entry.Key)));

    /// <summary>All names except DOS aliases.</summary>
    public IEnumerable<IndexEntry> List()
    {
        foreach (IndexEntry entry in tree.Enumerate())
        {
            if (entry.Key[0x41] != FileNameView.Dos)
            {
                yield return entry;
            }
        }
    }
}
