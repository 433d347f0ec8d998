using System.Buffers.Binary;

namespace Hyper2Kvm.Binary;

/// <summary>Big-endian integers at literal offsets, the byte order of QCOW2 and VHD.</summary>
/// <remarks>The three-argument forms write, so that a view's getter and setter name the same offset.</remarks>
public static class Be
{
    public static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    public static short I16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt16BigEndian(bytes[offset..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    public static int I32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt32BigEndian(bytes[offset..]);

    public static ulong U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes[offset..]);

    public static long I64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt64BigEndian(bytes[offset..]);

    public static void U16(Span<byte> bytes, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);

    public static void I16(Span<byte> bytes, int offset, short value) => BinaryPrimitives.WriteInt16BigEndian(bytes[offset..], value);

    public static void U32(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);

    public static void I32(Span<byte> bytes, int offset, int value) => BinaryPrimitives.WriteInt32BigEndian(bytes[offset..], value);

    public static void U64(Span<byte> bytes, int offset, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bytes[offset..], value);

    public static void I64(Span<byte> bytes, int offset, long value) => BinaryPrimitives.WriteInt64BigEndian(bytes[offset..], value);
}
