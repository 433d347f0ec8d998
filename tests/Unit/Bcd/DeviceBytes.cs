using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Unit.Bcd;

/// <summary>Device elements as Windows writes them, made for tests.</summary>
internal static class DeviceBytes
{
    public static byte[] Boot() => Element(Record(5, 0x48));

    public static byte[] Gpt(Guid partition, Guid disk) => Element(GptRecord(partition, disk));

    public static byte[] Mbr(ulong offset, uint signature)
    {
        byte[] record = Record(6, 0x48);
        BitConverter.TryWriteBytes(record.AsSpan(0x10), offset);
        Le.U32(record, 0x24, 1);
        Le.U32(record, 0x28, signature);
        return Element(record);
    }

    public static byte[] Ramdisk(Guid options, byte[] parentRecord, string path)
    {
        byte[] file = FileDescriptor(parentRecord, path);
        byte[] record = [.. Record(0, 0x28 + file.Length)[..0x28], .. file];
        Le.U32(record, 0x04, 1);
        Le.U32(record, 0x10, 3);
        return [.. options.ToByteArray(), .. record];
    }

    /// <summary>A partition of an MBR disk inside a virtual disk file.</summary>
    public static byte[] VirtualDisk(ulong offset, uint signature, byte[] parentRecord, string path)
    {
        byte[] file = FileDescriptor(parentRecord, path);
        byte[] block = [.. Record(0, 0x14 + file.Length)[..0x14], .. file];
        Le.U32(block, 0x10, 5);
        byte[] record = [.. Mbr(offset, signature)[0x10..0x48], .. block];
        Le.U32(record, 0x08, (uint)record.Length);
        Le.U32(record, 0x20, 6);
        return Element(record);
    }

    public static byte[] Locate() => Element(Record(8, 0x30));

    public static byte[] GptRecord(Guid partition, Guid disk)
    {
        byte[] record = Record(6, 0x48);
        partition.TryWriteBytes(record.AsSpan(0x10));
        disk.TryWriteBytes(record.AsSpan(0x28));
        return record;
    }

    public static byte[] Record(uint type, int size)
    {
        byte[] record = new byte[size];
        Le.U32(record, 0x00, type);
        Le.U32(record, 0x08, (uint)size);
        return record;
    }

    private static byte[] FileDescriptor(byte[] parentRecord, string path)
    {
        byte[] name = Encoding.Unicode.GetBytes(path + "\0");
        byte[] head = new byte[0x0C];
        Le.U32(head, 0x00, 1);
        Le.U32(head, 0x04, (uint)(head.Length + parentRecord.Length + name.Length));
        Le.U32(head, 0x08, 5);
        return [.. head, .. parentRecord, .. name];
    }

    private static byte[] Element(byte[] record) => [.. new byte[0x10], .. record];
}
