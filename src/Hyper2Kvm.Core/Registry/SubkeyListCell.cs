using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>One cell of a subkey list, a leaf (li, lf, lh) or the root over leaves (ri), as a list of entries.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Index leaf" to "Index root".
/// 0x00 signature, 0x02 u16 number of elements, 0x04 elements: u32 offset, and in lf and lh u32 hint or hash.
/// </remarks>
internal sealed class SubkeyListCell
{
    private const int HeaderSize = 4;

    private readonly byte[] _bytes;
    private List<(CellOffset Target, uint Hint)>? _entries;

    private SubkeyListCell(CellOffset cell, SubkeyListKind kind, byte[] bytes, List<(CellOffset Target, uint Hint)>? entries)
    {
        Cell = cell;
        Kind = kind;
        _bytes = bytes;
        _entries = entries;
    }

    /// <summary>Where it lies; <see cref="CellOffset.None"/> until it is first written.</summary>
    public CellOffset Cell { get; private set; }

    public SubkeyListKind Kind { get; }

    public int Count => _entries?.Count ?? Le.U16(_bytes, 2);

    /// <summary>Key nodes, or leaves in an index root; for editing. The hint is 0 where the kind has none.</summary>
    public List<(CellOffset Target, uint Hint)> Entries => _entries ??= ReadEntries();

    /// <summary>One entry, without making the list of all of them.</summary>
    public (CellOffset Target, uint Hint) this[int index]
    {
        get
        {
            if (_entries is not null)
            {
                return _entries[index];
            }

            int elementSize = ElementSize(Kind);
            int offset = HeaderSize + (index * elementSize);
            return (new CellOffset(Le.U32(_bytes, offset)), elementSize == 8 ? Le.U32(_bytes, offset + 4) : 0);
        }
    }

    public static SubkeyListCell New(SubkeyListKind kind, IEnumerable<(CellOffset Target, uint Hint)> entries) =>
        new(CellOffset.None, kind, [], [.. entries]);

    public static SubkeyListCell Read(HiveCells cells, CellOffset cell)
    {
        byte[] header = cells.Read(cell, "subkeys list", HeaderSize, HeaderSize);
        SubkeyListKind kind = (header[0], header[1]) switch
        {
            ((byte)'l', (byte)'i') => SubkeyListKind.IndexLeaf,
            ((byte)'l', (byte)'f') => SubkeyListKind.FastLeaf,
            ((byte)'l', (byte)'h') => SubkeyListKind.HashLeaf,
            ((byte)'r', (byte)'i') => SubkeyListKind.IndexRoot,
            _ => throw cells.WrongSignature("subkeys list", cell, "li, lf, lh or ri", header),
        };
        int count = Le.U16(header, 2);
        int size = HeaderSize + (count * ElementSize(kind));
        return new SubkeyListCell(cell, kind, cells.Read(cell, "subkeys list", size, size), null);
    }

    /// <summary>Writes the list where it is, or into a larger cell when it has outgrown its own.</summary>
    public void Write(HiveCells cells)
    {
        int elementSize = ElementSize(Kind);
        byte[] bytes = new byte[HeaderSize + (Entries.Count * elementSize)];
        Signature(Kind).CopyTo(bytes);
        Le.U16(bytes, 2, (ushort)Entries.Count);
        for (int i = 0; i < Entries.Count; i++)
        {
            int offset = HeaderSize + (i * elementSize);
            Le.U32(bytes, offset, Entries[i].Target.Value);
            if (elementSize == 8)
            {
                Le.U32(bytes, offset + 4, Entries[i].Hint);
            }
        }

        if (!Cell.IsNone && cells.Capacity(Cell, "subkeys list") >= bytes.Length)
        {
            cells.Write(Cell, bytes);
            return;
        }

        if (!Cell.IsNone)
        {
            cells.Free(Cell);
        }

        // A quarter more than needed, so that a list that grows key by key is not moved each time; a full leaf still fits a 4 KiB bin.
        int room = Math.Max(Entries.Count, Math.Min(Entries.Count + (Entries.Count / 4), SubkeyList.FullLeaf));
        Cell = cells.Allocate(bytes, HeaderSize + (room * elementSize));
    }

    private List<(CellOffset Target, uint Hint)> ReadEntries()
    {
        List<(CellOffset, uint)> entries = new(Count);
        for (int i = 0; i < Count; i++)
        {
            entries.Add(this[i]);
        }

        return entries;
    }

    private static int ElementSize(SubkeyListKind kind) => kind is SubkeyListKind.FastLeaf or SubkeyListKind.HashLeaf ? 8 : 4;

    private static ReadOnlySpan<byte> Signature(SubkeyListKind kind) => kind switch
    {
        SubkeyListKind.IndexLeaf => "li"u8,
        SubkeyListKind.FastLeaf => "lf"u8,
        SubkeyListKind.HashLeaf => "lh"u8,
        _ => "ri"u8,
    };
}
