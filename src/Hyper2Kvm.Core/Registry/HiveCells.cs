using System.Buffers.Binary;
using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>The cells of a hive: read with every offset and size checked, written, allocated and freed.</summary>
/// <remarks>A cell is a signed 32-bit size (negative = in use) and its data; sizes and offsets are multiples of 8.</remarks>
internal sealed class HiveCells
{
    public const int CellHeader = 4;

    private readonly CellAllocator _allocator;
    private readonly bool _editable;

    public HiveCells(HivePages pages, string name, uint minor, CellOffset root, bool editable)
    {
        Pages = pages;
        Name = name;
        Minor = minor;
        Root = root;
        _editable = editable;
        _allocator = new CellAllocator(pages, name);
    }

    public HivePages Pages { get; }

    /// <summary>Where the hive came from, for messages.</summary>
    public string Name { get; }

    /// <summary>Minor version of the format: 3 to 6.</summary>
    public uint Minor { get; }

    public CellOffset Root { get; }

    /// <summary>Bytes of data that a cell in use can hold.</summary>
    /// <exception cref="DiskFormatException">There is no cell in use at this offset.</exception>
    public int Capacity(CellOffset cell, string structure)
    {
        if (cell.Value % 8 != 0 || cell.Value < CellAllocator.BinHeader || cell.Value > Pages.Size - 8)
        {
            throw Damaged(structure, cell, "a cell within the hive bins", "an offset outside");
        }

        Span<byte> header = stackalloc byte[CellHeader];
        Pages.Read((int)cell.Value, header);
        int size = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (size >= 0)
        {
            throw Damaged(structure, cell, "a cell in use", string.Create(CultureInfo.InvariantCulture, $"a free cell (size {size})"));
        }

        if (size == int.MinValue || size % 8 != 0 || -size > Pages.Size - (int)cell.Value)
        {
            throw Damaged(structure, cell, "a cell size that fits", string.Create(CultureInfo.InvariantCulture, $"size {size}"));
        }

        return -size - CellHeader;
    }

    /// <summary>The data of a cell in use, cut to <paramref name="most"/> bytes.</summary>
    public byte[] Read(CellOffset cell, string structure, int least, int most)
    {
        int capacity = Capacity(cell, structure);
        if (capacity < least)
        {
            throw Damaged(
                structure,
                cell,
                string.Create(CultureInfo.InvariantCulture, $"at least {least} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"a cell for {capacity}"));
        }

        byte[] bytes = new byte[Math.Min(capacity, most)];
        Pages.Read((int)cell.Value + CellHeader, bytes);
        return bytes;
    }

    /// <summary>A key node whose name lies within its cell.</summary>
    public byte[] ReadKeyNode(CellOffset cell)
    {
        byte[] bytes = Read(cell, "key node", KeyNodeView.HeaderSize, KeyNodeView.HeaderSize + ushort.MaxValue);
        KeyNodeView node = new(bytes);
        if (!node.HasSignature)
        {
            throw WrongSignature("key node", cell, "nk", bytes);
        }

        if (node.NameLength > bytes.Length - KeyNodeView.HeaderSize)
        {
            throw Damaged("key node", cell, "a name within its cell", $"a name of {node.NameLength} bytes");
        }

        return bytes;
    }

    /// <summary>A key value whose name lies within its cell.</summary>
    public byte[] ReadKeyValue(CellOffset cell)
    {
        byte[] bytes = Read(cell, "key value", KeyValueView.HeaderSize, KeyValueView.HeaderSize + ushort.MaxValue);
        KeyValueView value = new(bytes);
        if (!value.HasSignature)
        {
            throw WrongSignature("key value", cell, "vk", bytes);
        }

        if (value.NameLength > bytes.Length - KeyValueView.HeaderSize)
        {
            throw Damaged("key value", cell, "a name within its cell", $"a name of {value.NameLength} bytes");
        }

        return bytes;
    }

    /// <summary>Header and descriptor of a key security item.</summary>
    public byte[] ReadKeySecurity(CellOffset cell)
    {
        byte[] bytes = Read(cell, "key security", KeySecurityView.HeaderSize, KeySecurityView.HeaderSize);
        return new KeySecurityView(bytes).HasSignature ? bytes : throw WrongSignature("key security", cell, "sk", bytes);
    }

    /// <summary>Writes to the start of a cell's data.</summary>
    public void Write(CellOffset cell, ReadOnlySpan<byte> data)
    {
        if (data.Length > Capacity(cell, "cell to write"))
        {
            throw new InvalidOperationException("The data is larger than its cell.");
        }

        Pages.Write((int)cell.Value + CellHeader, data);
    }

    /// <summary>A new cell with this data, and zeros up to <paramref name="capacity"/>.</summary>
    public CellOffset Allocate(ReadOnlySpan<byte> data, int capacity = 0) => _allocator.Allocate(data, Math.Max(data.Length, capacity));

    public void Free(CellOffset cell)
    {
        Capacity(cell, "cell to free");
        _allocator.Free(cell);
    }

    /// <summary>Called before every edit. The first one looks at the bins, so that a damaged hive is never written.</summary>
    public void BeginEdit()
    {
        if (!_editable)
        {
            throw new InvalidOperationException($"The hive {Name} was opened for reading only.");
        }

        _allocator.Prepare();
    }

    public DiskFormatException Damaged(string structure, CellOffset cell, string expected, string actual) =>
        Hive.Damaged(Name, structure, cell.FileOffset, expected, actual);

    public DiskFormatException WrongSignature(string structure, CellOffset cell, string expected, ReadOnlySpan<byte> bytes) =>
        Damaged(structure, cell, $"the signature '{expected}'", $"bytes {Convert.ToHexString(bytes[..Math.Min(2, bytes.Length)])}");
}
