using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>One file record while its file is edited: its header, and its attributes one by one.</summary>
internal sealed class RecordBuffer
{
    private const int EndMarkerSize = 8;

    private readonly byte[] _bytes;

    /// <param name="number">Of the record.</param>
    /// <param name="bytes">A validated record without update sequence; used as it is.</param>
    public RecordBuffer(long number, byte[] bytes)
    {
        Number = number;
        _bytes = bytes;
        FileRecordView record = View;
        int offset = record.FirstAttributeOffset;
        while (record.TryGetAttribute(offset, out AttributeView attribute))
        {
            Attributes.Add(attribute.Bytes.ToArray());
            offset += attribute.Length;
        }
    }

    public long Number { get; }

    /// <summary>In the order of the record; each carries its header.</summary>
    public List<byte[]> Attributes { get; } = [];

    public FileRecordView View => new(_bytes);

    public FileReference Reference => new(Number, View.Sequence);

    /// <summary>Bytes for attributes in an empty record.</summary>
    public int Capacity => _bytes.Length - View.FirstAttributeOffset - EndMarkerSize;

    /// <summary>Bytes still free; negative when the attributes do not fit.</summary>
    public int Free
    {
        get
        {
            int free = Capacity;
            foreach (byte[] attribute in Attributes)
            {
                free -= attribute.Length;
            }

            return free;
        }
    }

    /// <summary>Puts an attribute into its place by type, name and VCN, under a new instance number.</summary>
    public void Add(byte[] attribute, UpcaseTable upcase)
    {
        FileRecordView record = View;
        AttributeView added = new(attribute) { Instance = record.NextInstance };
        record.NextInstance = unchecked((ushort)(record.NextInstance + 1));
        int at = Attributes.Count;
        while (at > 0 && Compare(added, new AttributeView(Attributes[at - 1]), upcase) < 0)
        {
            at--;
        }

        Attributes.Insert(at, attribute);
    }

    /// <summary>The record as it should be on the disk, still without update sequence.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = [.. _bytes];
        int at = View.FirstAttributeOffset;
        foreach (byte[] attribute in Attributes)
        {
            attribute.CopyTo(bytes, at);
            at += attribute.Length;
        }

        FileRecordView record = new(bytes);
        if (record.BytesInUse != at + EndMarkerSize || Le.U32(bytes, at) != AttributeType.End)
        {
            bytes.AsSpan(at).Clear();
            Le.U32(bytes, at, AttributeType.End);
            record.BytesInUse = at + EndMarkerSize;
        }

        return bytes;
    }

    public static int Compare(AttributeView left, AttributeView right, UpcaseTable upcase)
    {
        int order = left.Type.CompareTo(right.Type);
        order = order != 0 ? order : upcase.Compare(left.Name, right.Name);
        return order != 0 ? order : left.LowestVcn.CompareTo(right.LowestVcn);
    }
}
