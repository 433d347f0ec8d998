using System.Buffers.Binary;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The base block of a hive, byte by byte: sequence numbers at 4 and 8, XOR checksum of the first 508 bytes at 508.</summary>
internal static class RawHive
{
    public static bool IsClean(ReadOnlySpan<byte> hive) =>
        hive.StartsWith("regf"u8) && Word(hive, 4) == Word(hive, 8) && Word(hive, 508) == Checksum(hive);

    /// <summary>Makes the sequence numbers equal, as if the last write had been finished.</summary>
    public static byte[] WithEqualSequenceNumbers(byte[] hive)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(8), Word(hive, 4));
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(508), Checksum(hive));
        return hive;
    }

    /// <summary>A log as Windows up to 8 leaves it beside a clean hive: its base block, a bitmap, and the pages of the last write.</summary>
    public static byte[] OldLog(byte[] hive)
    {
        byte[] log = new byte[0x2000];
        hive.AsSpan(0, 512).CopyTo(log);
        log[0x1C] = 1; // type: log
        BinaryPrimitives.WriteUInt32LittleEndian(log.AsSpan(508), Checksum(log));
        "DIRT"u8.CopyTo(log.AsSpan(512));
        log[516] = 0x01; // the first sector of the bins is here
        hive.AsSpan(4096, 512).CopyTo(log.AsSpan(1024));
        return log;
    }

    public static uint BinsSize(ReadOnlySpan<byte> hive) => Word(hive, 0x28);

    private static uint Checksum(ReadOnlySpan<byte> hive)
    {
        uint sum = 0;
        for (int at = 0; at < 508; at += 4)
        {
            sum ^= Word(hive, at);
        }

        return sum switch { 0 => 1, uint.MaxValue => uint.MaxValue - 1, _ => sum };
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
