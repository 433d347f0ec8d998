namespace Hyper2Kvm.Registry;

/// <summary>Sets and deletes values of one key.</summary>
/// <remarks>As in Windows, a key's "largest" fields only grow, and go back to 0 when its last value goes.</remarks>
internal sealed class ValueEditor(HiveCells cells, CellOffset key)
{
    private readonly BigData _data = new(cells);

    public void Set(HiveValue? old, string name, int type, ReadOnlySpan<byte> data, long now)
    {
        if (old is null)
        {
            Add(name, type, data, now);
            return;
        }

        byte[] bytes = cells.ReadKeyValue(old.Cell);
        KeyValueView value = new(bytes);
        StoreData(value, old, data);
        value.Type = unchecked((uint)type);
        cells.Write(old.Cell, bytes);
        WriteKey(cells.ReadKeyNode(key), name, data.Length, now);
    }

    public void Delete(HiveValue value, long? now)
    {
        byte[] node = cells.ReadKeyNode(key);
        ValueList list = new(cells);
        List<CellOffset> values = list.Read(node);
        values.Remove(value.Cell);
        list.Write(node, values);
        KeyNodeView view = new(node);
        if (values.Count == 0)
        {
            view.LargestValueName = 0;
            view.LargestValueData = 0;
        }

        view.LastWritten = now ?? view.LastWritten;
        cells.Write(key, node);
        Free(value);
    }

    /// <summary>Frees a value and its data; the list it is in is the caller's.</summary>
    public void Free(HiveValue value)
    {
        if (value.HasDataCell)
        {
            _data.Free(value.DataCell, value.DataSize);
        }

        cells.Free(value.Cell);
    }

    private void Add(string name, int type, ReadOnlySpan<byte> data, long now)
    {
        byte[] encoded = HiveName.Encode(name, out bool compressed);
        byte[] bytes = new byte[KeyValueView.HeaderSize + encoded.Length];
        encoded.CopyTo(bytes, KeyValueView.HeaderSize);
        KeyValueView value = new(bytes)
        {
            NameLength = (ushort)encoded.Length,
            // Windows sets the flag for the nameless default value of a new key too.
            HasCompressedName = compressed,
            Type = unchecked((uint)type),
        };
        value.Sign();
        StoreData(value, null, data);

        byte[] node = cells.ReadKeyNode(key);
        ValueList list = new(cells);
        List<CellOffset> values = list.Read(node);
        values.Add(cells.Allocate(bytes));
        list.Write(node, values);
        WriteKey(node, name, data.Length, now);
    }

    /// <summary>Puts the data into the value itself, into the cell it has, or into new cells.</summary>
    private void StoreData(KeyValueView value, HiveValue? old, ReadOnlySpan<byte> data)
    {
        bool hasOldCell = old is { HasDataCell: true };
        bool fitsOldCell = hasOldCell && data.Length > KeyValueView.LargestResident
            && !_data.IsBig(old!.DataSize) && !_data.IsBig((uint)data.Length)
            && cells.Capacity(old.DataCell, "value data") >= data.Length;
        if (fitsOldCell)
        {
            cells.Write(old!.DataCell, data);
            value.RawDataSize = (uint)data.Length;
            return;
        }

        if (hasOldCell)
        {
            _data.Free(old!.DataCell, old.DataSize);
        }

        if (data.Length <= KeyValueView.LargestResident)
        {
            value.RawDataSize = (uint)data.Length | KeyValueView.ResidentBit;
            value.ResidentData.Clear();
            data.CopyTo(value.ResidentData);
            return;
        }

        value.RawDataSize = (uint)data.Length;
        value.Data = _data.Write(data);
    }

    private void WriteKey(byte[] node, string name, int dataSize, long now)
    {
        KeyNodeView view = new(node) { LastWritten = now };
        view.LargestValueName = Math.Max(view.LargestValueName, (uint)name.Length * 2);
        view.LargestValueData = Math.Max(view.LargestValueData, (uint)dataSize);
        cells.Write(key, node);
    }
}
