using System.Globalization;

namespace Hyper2Kvm.Registry;

/// <summary>Counts who uses a security descriptor, and takes it out of the ring of all of them when nobody does any more.</summary>
internal sealed class SecurityList(HiveCells cells)
{
    /// <summary>One more key node points at this item.</summary>
    public void Share(CellOffset cell) => Count(cell, +1);

    /// <summary>One key node less points at this item; the last one removes it.</summary>
    public void Release(CellOffset cell)
    {
        if (Count(cell, -1) > 0)
        {
            return;
        }

        KeySecurityView item = new(cells.ReadKeySecurity(cell));
        byte[] before = cells.ReadKeySecurity(item.Previous);
        new KeySecurityView(before).Next = item.Next;
        cells.Write(item.Previous, before);
        byte[] after = cells.ReadKeySecurity(item.Next);
        new KeySecurityView(after).Previous = item.Previous;
        cells.Write(item.Next, after);
        cells.Free(cell);
    }

    private uint Count(CellOffset cell, int change)
    {
        byte[] bytes = cells.ReadKeySecurity(cell);
        KeySecurityView item = new(bytes);
        long count = (long)item.ReferenceCount + change;
        if (count is < 0 or > uint.MaxValue)
        {
            throw cells.Damaged("key security", cell, "the number of its keys", string.Create(CultureInfo.InvariantCulture, $"{item.ReferenceCount}"));
        }

        item.ReferenceCount = (uint)count;
        cells.Write(cell, bytes);
        return item.ReferenceCount;
    }
}
