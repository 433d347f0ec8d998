using System.Runtime.InteropServices;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Makes attribute records.</summary>
internal static class AttributeBuilder
{
    private const int ResidentHeader = 0x18;
    private const int NonResidentHeader = 0x40;

    /// <summary>Bytes that a resident attribute with this value takes.</summary>
    public static int ResidentSize(string name, int valueLength) => Align(Align(ResidentHeader + (name.Length * 2)) + valueLength);

    public static byte[] Resident(uint type, string name, ushort flags, bool indexed, ReadOnlySpan<byte> value)
    {
        int valueOffset = Align(ResidentHeader + (name.Length * 2));
        byte[] bytes = new byte[Align(valueOffset + value.Length)];
        WriteHeader(bytes, type, name, flags, ResidentHeader);
        Le.U32(bytes, 0x10, (uint)value.Length);
        Le.U16(bytes, 0x14, (ushort)valueOffset);
        bytes[0x16] = indexed ? (byte)1 : (byte)0;
        value.CopyTo(bytes.AsSpan(valueOffset));
        return bytes;
    }

    /// <summary>One part of a non-resident attribute, with as many runs as fit.</summary>
    /// <param name="type">Attribute type.</param>
    /// <param name="name">Attribute name.</param>
    /// <param name="data">Runs and sizes of the whole attribute; not compressed.</param>
    /// <param name="lowestVcn">First VCN of the part.</param>
    /// <param name="limit">Bytes at most.</param>
    /// <returns>The record, and the VCN after its last run.</returns>
    public static (byte[] Bytes, long EndVcn) NonResident(uint type, string name, AttributeData data, long lowestVcn, int limit)
    {
        int pairsOffset = Align(NonResidentHeader + (name.Length * 2));
        (byte[] pairs, long end) = DataRuns.Encode(data.Runs, lowestVcn, limit - pairsOffset);
        byte[] bytes = new byte[Align(pairsOffset + pairs.Length)];
        WriteHeader(bytes, type, name, data.Flags, NonResidentHeader);
        bytes[0x08] = 1;
        Le.I64(bytes, 0x10, lowestVcn);
        Le.I64(bytes, 0x18, end - 1);
        Le.U16(bytes, 0x20, (ushort)pairsOffset);
        if (lowestVcn == 0)
        {
            Le.I64(bytes, 0x28, data.AllocatedSize);
            Le.I64(bytes, 0x30, data.DataSize);
            Le.I64(bytes, 0x38, data.InitializedSize);
        }

        pairs.CopyTo(bytes, pairsOffset);
        return (bytes, end);
    }

    private static int Align(int size) => (size + 7) & ~7;

    private static void WriteHeader(Span<byte> bytes, uint type, string name, ushort flags, int nameOffset)
    {
        Le.U32(bytes, 0x00, type);
        Le.U32(bytes, 0x04, (uint)bytes.Length);
        bytes[0x09] = (byte)name.Length;
        Le.U16(bytes, 0x0A, (ushort)nameOffset);
        Le.U16(bytes, 0x0C, flags);
        MemoryMarshal.AsBytes(name.AsSpan()).CopyTo(bytes[nameOffset..]);
    }
}
