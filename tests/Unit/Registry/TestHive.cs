using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>Small hives made here: a root key, one security descriptor, and the rest of a bin free.</summary>
internal static class TestHive
{
    public static DateTime Now { get; } = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    public static byte[] Text(string text) => Encoding.Unicode.GetBytes(text);

    /// <summary>Bytes of an empty hive of version 1.<paramref name="minor"/>.</summary>
    public static byte[] Bytes(int minor = 5)
    {
        byte[] hive = new byte[8192];
        Span<byte> bytes = hive;
        "regf"u8.CopyTo(bytes);
        Put(bytes, 0x04, 7, 7);
        Put(bytes, 0x14, 1, minor, 0, 1, 0x20, 4096, 1);
        Span<byte> bin = bytes[4096..];
        "hbin"u8.CopyTo(bin);
        Put(bin, 0x08, 4096);
        // The root key node at 0x20, 88 bytes with the name "ROOT"; its security at 0x78, 48 bytes; then free.
        Put(bin, 0x20, -88);
        Span<byte> node = bin[0x24..];
        "nk"u8.CopyTo(node);
        node[2] = 0x2C;
        Put(node, 0x1C, -1, -1, 0, -1, 0x78, -1);
        node[0x48] = 4;
        "ROOT"u8.CopyTo(node[0x4C..]);
        Put(bin, 0x78, -48);
        "sk"u8.CopyTo(bin[0x7C..]);
        Put(bin, 0x80, 0x78, 0x78, 1, 20);
        // SECURITY_DESCRIPTOR, self-relative, without owner, group and lists.
        bin[0x90] = 1;
        bin[0x93] = 0x80;
        Put(bin, 0xA8, 4096 - 0xA8);
        uint sum = 0;
        for (int i = 0; i < 508; i += 4)
        {
            sum ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[508..], sum);
        return hive;
    }

    public static Hive Empty(int minor = 5) => HiveTree.Open(Bytes(minor));

    /// <summary>Sets a value and reads it back.</summary>
    public static HiveValue WithValue(this HiveKey key, string name, int type, byte[] data)
    {
        key.SetValue(name, type, data, Now);
        return key.GetValue(name)!;
    }

    /// <summary>What the checker finds, without what is harmless.</summary>
    public static string[] Findings(byte[] hive) =>
        [.. HiveChecker.Check(new MemoryBlockDevice(hive)).Select(finding => finding.ToString())];

    private static void Put(Span<byte> bytes, int offset, params ReadOnlySpan<int> values)
    {
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[offset..], value);
            offset += 4;
        }
    }
}
