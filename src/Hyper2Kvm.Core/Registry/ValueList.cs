using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>The list of a key's values: a cell of offsets, in no order. Their number is in the key node.</summary>
internal sealed class ValueList(HiveCells cells)
{
    /// <summary>The key values of a key node.</summary>
    public List<CellOffset> Read(byte[] keyNode)
    {
        KeyNodeView node = new(keyNode);
        if (node.IsPredefinedHandle || node.ValueCount == 0)
        {
            return [];
        }

        if (node.ValueCount > cells.Pages.Size / 4)
        {
            throw cells.Damaged("key values list", node.ValueList, "no more values than fit", string.Create(CultureInfo.InvariantCulture, $"{node.ValueCount}"));
        }

        int size = (int)node.ValueCount * 4;
        byte[] bytes = cells.Read(node.ValueList, "key values list", size, size);
        List<CellOffset> values = new((int)node.ValueCount);
        for (int offset = 0; offset < size; offset += 4)
        {
            values.Add(new CellOffset(Le.U32(bytes, offset)));
        }

        return values;
    }

    /// <summary>Stores the list and points the key node at it.</summary>
    public void Write(byte[] keyNode, List<CellOffset> values)
    {
        KeyNodeView node = new(keyNode);
        CellOffset old = node.ValueCount == 0 ? CellOffset.None : node.ValueList;
        node.ValueCount = (uint)values.Count;
        byte[] bytes = new byte[values.Count * 4];
        for (int i = 0; i < values.Count; i++)
        {
            Le.U32(bytes, i * 4, values[i].Value);
        }

        if (!old.IsNone && values.Count > 0 && cells.Capacity(old, "key values list") >= bytes.Length)
        {
            cells.Write(old, bytes);
            return;
        }

        if (!old.IsNone)
        {
            cells.Free(old);
        }

        // A quarter more than needed, so that a list that grows value by value is not moved each time.
        node.ValueList = values.Count == 0 ? CellOffset.None : cells.Allocate(bytes, bytes.Length + (values.Count / 4 * 4));
    }
}
