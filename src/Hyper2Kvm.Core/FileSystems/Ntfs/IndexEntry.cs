using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

// INDEX_ENTRY:
//   0x00  8  file reference (directories), or 2 data offset, 2 data length (views: $SII, $SDH)
//   0x08  2  entry length        0x0C  2  flags: 1 has a child node, 2 last of its node (no key)
//   0x0A  2  key length          0x10     key; the child's VCN is the last 8 bytes of the entry

/// <summary>One entry of an index node, whose lengths have been checked.</summary>
internal readonly record struct IndexEntry(ReadOnlyMemory<byte> Bytes)
{
    public const int HeaderSize = 0x10;
    public const ushort ChildFlag = 0x0001;
    public const ushort LastFlag = 0x0002;

    public int Length => Le.U16(Bytes.Span, 0x08);

    public int KeyLength => Le.U16(Bytes.Span, 0x0A);

    public ushort Flags => Le.U16(Bytes.Span, 0x0C);

    public bool HasChild => (Flags & ChildFlag) != 0;

    public bool IsLast => (Flags & LastFlag) != 0;

    public FileReference Reference => new(Le.U64(Bytes.Span, 0x00));

    public ReadOnlySpan<byte> Key => Bytes.Span.Slice(HeaderSize, KeyLength);

    /// <summary>Value of an entry of a view index; empty when it does not lie within the entry.</summary>
    public ReadOnlySpan<byte> ViewData =>
        Le.U16(Bytes.Span, 0x00) + Le.U16(Bytes.Span, 0x02) <= Bytes.Length
            ? Bytes.Span.Slice(Le.U16(Bytes.Span, 0x00), Le.U16(Bytes.Span, 0x02))
            : [];

    /// <summary>VCN of the node with the entries before this one.</summary>
    public long Child => Le.I64(Bytes.Span, Length - 8);
}
