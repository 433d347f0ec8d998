namespace Hyper2Kvm.Registry;

/// <summary>Creates and deletes keys.</summary>
/// <remarks>As in Windows, a key's "largest" fields only grow, and go back to 0 when its last subkey goes.</remarks>
internal sealed class KeyEditor(HiveCells cells)
{
    private readonly SubkeyList _lists = new(cells);
    private readonly SecurityList _security = new(cells);

    /// <summary>Creates a subkey that is not there yet. It shares the parent's security descriptor.</summary>
    public CellOffset Create(HiveKey parent, string name, long now)
    {
        byte[] parentBytes = cells.ReadKeyNode(parent.Cell);
        KeyNodeView parentNode = new(parentBytes);
        byte[] encoded = HiveName.Encode(name, out bool compressed);
        byte[] bytes = new byte[KeyNodeView.HeaderSize + encoded.Length];
        encoded.CopyTo(bytes, KeyNodeView.HeaderSize);
        KeyNodeView node = new(bytes)
        {
            Flags = compressed ? KeyNodeView.CompressedNameFlag : (ushort)0,
            LastWritten = now,
            Parent = parent.Cell,
            SubkeyList = CellOffset.None,
            VolatileSubkeyList = CellOffset.None,
            ValueList = CellOffset.None,
            Security = parentNode.Security,
            ClassName = CellOffset.None,
            NameLength = (ushort)encoded.Length,
        };
        node.Sign();
        if ((parentNode.VirtualizationFlags & KeyNodeView.InheritVirtualization) != 0)
        {
            node.VirtualizationFlags = parentNode.VirtualizationFlags;
        }

        CellOffset cell = cells.Allocate(bytes);
        parentNode.SubkeyList = _lists.Insert(parentNode.SubkeyCount == 0 ? CellOffset.None : parentNode.SubkeyList, cell, name);
        parentNode.SubkeyCount++;
        parentNode.LargestSubkeyName = (ushort)Math.Max(parentNode.LargestSubkeyName, name.Length * 2);
        parentNode.LastWritten = now;
        cells.Write(parent.Cell, parentBytes);
        _security.Share(node.Security);
        return cell;
    }

    /// <summary>Deletes a subkey and all below it.</summary>
    public void Delete(HiveKey parent, HiveKey subkey, long? now)
    {
        byte[] parentBytes = cells.ReadKeyNode(parent.Cell);
        KeyNodeView parentNode = new(parentBytes);
        parentNode.SubkeyList = _lists.Remove(parentNode.SubkeyList, subkey.Cell);
        parentNode.SubkeyCount = parentNode.SubkeyList.IsNone ? 0 : Math.Max(parentNode.SubkeyCount, 2) - 1;
        if (parentNode.SubkeyCount == 0)
        {
            parentNode.LargestSubkeyName = 0;
            parentNode.LargestSubkeyClass = 0;
        }

        parentNode.LastWritten = now ?? parentNode.LastWritten;
        cells.Write(parent.Cell, parentBytes);
        FreeTree(subkey);
    }

    private void FreeTree(HiveKey key)
    {
        // Recursion is bounded: HiveKey allows 512 levels and no cycles.
        foreach (HiveKey subkey in key.Subkeys)
        {
            FreeTree(subkey);
        }

        ValueEditor values = new(cells, key.Cell);
        foreach (HiveValue value in key.Values)
        {
            values.Free(value);
        }

        byte[] bytes = cells.ReadKeyNode(key.Cell);
        KeyNodeView node = new(bytes);
        if (node.SubkeyCount > 0)
        {
            _lists.Free(node.SubkeyList);
        }

        if (node is { IsPredefinedHandle: false, ValueCount: > 0 })
        {
            cells.Free(node.ValueList);
        }

        if (!node.ClassName.IsNone && node.ClassLength > 0)
        {
            cells.Free(node.ClassName);
        }

        _security.Release(node.Security);
        cells.Free(key.Cell);
    }
}
