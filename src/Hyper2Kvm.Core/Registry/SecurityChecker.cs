using System.Globalization;

namespace Hyper2Kvm.Registry;

/// <summary>Checks the ring of security descriptors, and that each counts the keys that use it.</summary>
internal sealed class SecurityChecker(CheckedCells cells)
{
    private readonly Dictionary<CellOffset, uint> _uses = [];

    /// <summary>A key uses this item.</summary>
    public void Use(CellOffset item, CellOffset key)
    {
        if (_uses.TryGetValue(item, out uint uses))
        {
            _uses[item] = uses + 1;
        }
        else if (cells.Claim(item, "key security", KeySecurityView.HeaderSize, out Span<byte> data))
        {
            KeySecurityView view = new(data);
            if (!view.HasSignature || view.DescriptorSize > data.Length - KeySecurityView.HeaderSize)
            {
                cells.Report("HiveSecurityDamaged", item, "no whole key security item");
            }
            else
            {
                _uses.Add(item, 1);
            }
        }
        else
        {
            cells.Report("HiveSecurityMissing", key, "the key has no security descriptor");
        }
    }

    /// <summary>After all keys: the counts and the ring.</summary>
    public void Check()
    {
        foreach ((CellOffset item, uint uses) in _uses)
        {
            KeySecurityView view = new(cells.Data(item));
            if (view.ReferenceCount != uses)
            {
                cells.Report("HiveSecurityCountWrong", item, string.Create(CultureInfo.InvariantCulture, $"counts {view.ReferenceCount} keys, {uses} use it"));
            }

            CheckNeighbours(item, view);
        }

        CheckRing();
    }

    private void CheckNeighbours(CellOffset item, KeySecurityView view)
    {
        if (!IsItem(view.Next) || new KeySecurityView(cells.Data(view.Next)).Previous != item
            || !IsItem(view.Previous) || new KeySecurityView(cells.Data(view.Previous)).Next != item)
        {
            cells.Report("HiveSecurityRingBroken", item, "its neighbours in the ring do not point back at it");
        }
    }

    /// <summary>All that are used must be in one ring; those in the ring that nobody uses are claimed as reachable.</summary>
    private void CheckRing()
    {
        HashSet<CellOffset> ring = [];
        Dictionary<CellOffset, uint>.KeyCollection.Enumerator any = _uses.Keys.GetEnumerator();
        CellOffset current = any.MoveNext() ? any.Current : CellOffset.None;
        while (IsItem(current) && ring.Add(current))
        {
            if (!_uses.ContainsKey(current))
            {
                cells.Claim(current, "key security", KeySecurityView.HeaderSize);
            }

            current = new KeySecurityView(cells.Data(current)).Next;
        }

        foreach (CellOffset item in _uses.Keys)
        {
            if (!ring.Contains(item))
            {
                cells.Report("HiveSecurityRingBroken", item, "it is not in the ring of security descriptors");
            }
        }
    }

    private bool IsItem(CellOffset cell) =>
        cells.IsInUse(cell) && cells.Data(cell) is { Length: >= KeySecurityView.HeaderSize } data && new KeySecurityView(data).HasSignature;
}
