using System.Globalization;

namespace Hyper2Kvm.Registry;

/// <summary>The subkeys of one key: a leaf, or an index root over leaves, sorted by upper-case name.</summary>
/// <remarks>
/// A look-up goes through all hints or hashes instead of halving, so it finds keys in lists that other tools left unsorted; an entry is
/// put where halving by name says. A leaf that is full is split in halves under an index root, as Windows does; 507 elements of 8 bytes
/// is what a leaf of Windows 7 holds: the most that fits a bin of 4 KiB. New lists are hash leaves from version 1.5 on, else fast leaves.
/// </remarks>
internal sealed class SubkeyList(HiveCells cells)
{
    public const int FullLeaf = 507;

    /// <summary>Smallest key node with its cell header: bounds the number of keys a hive can have.</summary>
    private const int SmallestKey = 80;

    /// <summary>The leaves in order.</summary>
    public IEnumerable<SubkeyListCell> Leaves(CellOffset list)
    {
        if (list.IsNone)
        {
            yield break;
        }

        SubkeyListCell root = SubkeyListCell.Read(cells, list);
        if (root.Kind != SubkeyListKind.IndexRoot)
        {
            yield return root;
            yield break;
        }

        long keys = 0;
        foreach ((CellOffset target, _) in root.Entries)
        {
            SubkeyListCell leaf = ReadLeaf(target);
            keys += leaf.Count;
            if (keys > cells.Pages.Size / SmallestKey)
            {
                throw cells.Damaged("index root", list, "no more subkeys than the hive has room for", "leaves listed over and over");
            }

            yield return leaf;
        }
    }

    /// <summary>The key nodes in order of the list.</summary>
    public IEnumerable<CellOffset> Keys(CellOffset list)
    {
        HashSet<CellOffset> seen = [];
        foreach (SubkeyListCell leaf in Leaves(list))
        {
            foreach ((CellOffset target, _) in leaf.Entries)
            {
                if (!seen.Add(target))
                {
                    throw cells.Damaged("subkeys list", leaf.Cell, "each subkey once", string.Create(CultureInfo.InvariantCulture, $"the key node 0x{target.Value:X} twice"));
                }

                yield return target;
            }
        }
    }

    /// <summary>The key node of this name, or null.</summary>
    public CellOffset? Find(CellOffset list, string name)
    {
        uint hash = HiveName.Hash(name);
        foreach (SubkeyListCell leaf in Leaves(list))
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                (CellOffset target, uint hint) = leaf[i];
                bool possible = leaf.Kind switch
                {
                    SubkeyListKind.HashLeaf => hint == hash,
                    SubkeyListKind.FastLeaf => HiveName.MayHaveHint(name, hint),
                    _ => true,
                };
                if (possible && HiveName.Same(NameOf(target), name))
                {
                    return target;
                }
            }
        }

        return null;
    }

    /// <summary>Adds a key that is not there yet.</summary>
    /// <returns>Where the list now is.</returns>
    public CellOffset Insert(CellOffset list, CellOffset key, string name)
    {
        if (list.IsNone)
        {
            SubkeyListCell first = SubkeyListCell.New(cells.Minor >= 5 ? SubkeyListKind.HashLeaf : SubkeyListKind.FastLeaf, []);
            return InsertIntoLeaf(first, key, name) is null ? first.Cell : throw new InvalidOperationException("An empty leaf was split.");
        }

        SubkeyListCell root = SubkeyListCell.Read(cells, list);
        if (root.Kind != SubkeyListKind.IndexRoot)
        {
            SubkeyListCell? second = InsertIntoLeaf(root, key, name);
            if (second is null)
            {
                return root.Cell;
            }

            SubkeyListCell newRoot = SubkeyListCell.New(SubkeyListKind.IndexRoot, [(root.Cell, 0), (second.Cell, 0)]);
            newRoot.Write(cells);
            return newRoot.Cell;
        }

        if (root.Entries.Count == 0)
        {
            throw cells.Damaged("index root", list, "at least one leaf", "none");
        }

        int index = LeafFor(root, name);
        SubkeyListCell leaf = ReadLeaf(root.Entries[index].Target);
        SubkeyListCell? split = InsertIntoLeaf(leaf, key, name);
        root.Entries[index] = (leaf.Cell, 0);
        if (split is not null)
        {
            root.Entries.Insert(index + 1, (split.Cell, 0));
        }

        root.Write(cells);
        return root.Cell;
    }

    /// <summary>Takes a key out; what becomes empty is freed.</summary>
    /// <returns>Where the list now is.</returns>
    public CellOffset Remove(CellOffset list, CellOffset key)
    {
        SubkeyListCell root = SubkeyListCell.Read(cells, list);
        if (root.Kind != SubkeyListKind.IndexRoot)
        {
            return RemoveFrom(root, key) ?? throw NotListed(list, key);
        }

        for (int i = 0; i < root.Entries.Count; i++)
        {
            SubkeyListCell leaf = ReadLeaf(root.Entries[i].Target);
            if (RemoveFrom(leaf, key) is not { } left)
            {
                continue;
            }

            return left.IsNone ? RemoveFrom(root, root.Entries[i].Target)!.Value : list;
        }

        throw NotListed(list, key);
    }

    /// <summary>Frees the whole list, not the keys in it.</summary>
    public void Free(CellOffset list)
    {
        SubkeyListCell root = SubkeyListCell.Read(cells, list);
        if (root.Kind == SubkeyListKind.IndexRoot)
        {
            foreach ((CellOffset leaf, _) in root.Entries)
            {
                cells.Free(leaf);
            }
        }

        cells.Free(list);
    }

    /// <returns>The second half when the leaf had to be split, else null.</returns>
    private SubkeyListCell? InsertIntoLeaf(SubkeyListCell leaf, CellOffset key, string name)
    {
        uint hint = leaf.Kind switch
        {
            SubkeyListKind.HashLeaf => HiveName.Hash(name),
            SubkeyListKind.FastLeaf => HiveName.Hint(name),
            _ => 0,
        };
        leaf.Entries.Insert(PlaceFor(leaf, name), (key, hint));
        SubkeyListCell? second = null;
        if (leaf.Entries.Count > FullLeaf)
        {
            int half = leaf.Entries.Count / 2;
            second = SubkeyListCell.New(leaf.Kind, leaf.Entries.GetRange(half, leaf.Entries.Count - half));
            leaf.Entries.RemoveRange(half, leaf.Entries.Count - half);
        }

        leaf.Write(cells);
        second?.Write(cells);
        return second;
    }

    /// <returns>Where the list now is, <see cref="CellOffset.None"/> when it became empty and was freed; null when it has no such entry.</returns>
    private CellOffset? RemoveFrom(SubkeyListCell list, CellOffset target)
    {
        int index = list.Entries.FindIndex(entry => entry.Target == target);
        if (index < 0)
        {
            return null;
        }

        list.Entries.RemoveAt(index);
        if (list.Entries.Count == 0)
        {
            cells.Free(list.Cell);
            return CellOffset.None;
        }

        list.Write(cells);
        return list.Cell;
    }

    private int PlaceFor(SubkeyListCell leaf, string name)
    {
        int low = 0;
        int high = leaf.Entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = HiveName.Compare(name, NameOf(leaf.Entries[middle].Target));
            if (order == 0)
            {
                throw cells.Damaged("subkeys list", leaf.Cell, "the hint of each key's name", $"a wrong one for '{name}'");
            }

            (low, high) = order > 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The last leaf that does not start behind the name.</summary>
    private int LeafFor(SubkeyListCell root, string name)
    {
        int low = 0;
        int high = root.Entries.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            SubkeyListCell leaf = ReadLeaf(root.Entries[middle].Target);
            bool startsBehind = leaf.Count > 0 && HiveName.Compare(name, NameOf(leaf[0].Target)) < 0;
            (low, high) = startsBehind ? (low, middle - 1) : (middle, high);
        }

        return low;
    }

    private SubkeyListCell ReadLeaf(CellOffset cell)
    {
        SubkeyListCell leaf = SubkeyListCell.Read(cells, cell);
        return leaf.Kind != SubkeyListKind.IndexRoot ? leaf : throw cells.Damaged("index root", cell, "a leaf", "another index root");
    }

    private string NameOf(CellOffset key) => new KeyNodeView(cells.ReadKeyNode(key)).Name;

    private Diagnostics.DiskFormatException NotListed(CellOffset list, CellOffset key) =>
        cells.Damaged("subkeys list", list, $"the key node 0x{key.Value:X} in it", "no such element");
}
