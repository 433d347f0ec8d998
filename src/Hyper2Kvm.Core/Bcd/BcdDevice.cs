using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Bcd;

/// <summary>The value of a device element.</summary>
/// <remarks>
/// Microsoft does not document the bytes. The layout is from stores that Windows wrote and from public descriptions of them; what does
/// not fit it is <see cref="BcdDeviceKind.Opaque"/>.
/// <code>
/// element          0x00  16  GUID of the device options object (RAM disks), or zeros
///                  0x10      record
/// record           0x00  4   type: 0 block I/O, 2 legacy partition, 3 serial, 4 network, 5 boot, 6 partition, 7 VMBus, 8 locate
///                  0x04  4   flags
///                  0x08  4   size of the record, these 16 bytes included
///                  0x0C  4   0
/// partition (6)    0x10  16  GPT: partition GUID; MBR: uint64 byte offset, then zeros
///                  0x20  4   disk: 0 hard disk, 1 floppy, 2 CD-ROM, 3 RAM disk, 5 file, 6 virtual disk
///                  0x24  4   style: 0 GPT, 1 MBR, 2 none
///                  0x28  16  GPT: disk GUID; MBR: uint32 signature, then zeros
///                  0x38      virtual disk: the record of the file that holds it; else 16 zeros
/// legacy (2)       0x10      device path in UTF-16
/// VMBus (7)        0x10  16  GUID of the interface instance
/// block I/O (0)    0x10  4   disk, as above
///   file           0x14      file descriptor
///   RAM disk       0x28      file descriptor
/// file descriptor  0x00  4   1
///                  0x04  4   size of the descriptor
///                  0x08  4   5
///                  0x0C      record of the device that holds the file, then its path in UTF-16, NUL-terminated
/// </code>
/// </remarks>
public sealed record BcdDevice
{
    private const int RecordHeaderSize = 0x10;
    private const int PartitionRecordSize = 0x48;
    private const int FileDescriptorHeaderSize = 0x0C;

    // Windows writes two levels: a virtual disk in a file on a partition.
    private const int DepthLimit = 4;

    private static readonly BcdDevice s_opaque = new() { Kind = BcdDeviceKind.Opaque };

    public required BcdDeviceKind Kind { get; init; }

    /// <summary>Object with the options of a RAM disk; all zeros when there is none.</summary>
    public Guid Options { get; init; }

    /// <summary>Of <see cref="BcdDeviceKind.Partition"/>; of <see cref="BcdDeviceKind.VirtualDisk"/>, inside the virtual disk.</summary>
    public BcdPartitionId? Partition { get; init; }

    /// <summary>Path of the file behind a RAM disk, virtual disk or file device, on <see cref="Parent"/>; of a legacy partition its device
    /// path.</summary>
    public string? Path { get; init; }

    /// <summary>The device that holds the file.</summary>
    public BcdDevice? Parent { get; init; }

    /// <summary>Of a locate device: the type of the element whose path is looked for on every volume.</summary>
    public uint? LocateElement { get; init; }

    /// <summary>Of a VMBus device: its interface instance.</summary>
    public Guid? Interface { get; init; }

    /// <summary>Never fails: bytes that make no sense are an opaque device.</summary>
    public static BcdDevice Read(ReadOnlySpan<byte> element) => element.Length < 0x10 + RecordHeaderSize
        ? s_opaque
        : ReadRecord(element[0x10..], 0) with { Options = new Guid(element[..0x10]) };

    private static BcdDevice ReadRecord(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth >= DepthLimit || bytes.Length < RecordHeaderSize || Le.U32(bytes, 0x08) is var size && (size < RecordHeaderSize || size > bytes.Length))
        {
            return s_opaque;
        }

        ReadOnlySpan<byte> record = bytes[..(int)size];
        return Le.U32(record, 0x00) switch
        {
            0 => ReadBlockDevice(record, depth),
            2 => new BcdDevice { Kind = BcdDeviceKind.LegacyPartition, Path = Utf16(record[RecordHeaderSize..]) },
            3 => new BcdDevice { Kind = BcdDeviceKind.Serial },
            4 => new BcdDevice { Kind = BcdDeviceKind.Network },
            5 => new BcdDevice { Kind = BcdDeviceKind.Boot },
            6 => ReadPartition(record, depth),
            7 => new BcdDevice
            {
                Kind = BcdDeviceKind.VmBus,
                Interface = record.Length >= RecordHeaderSize + 16 ? new Guid(record.Slice(RecordHeaderSize, 16)) : null,
            },
            8 => ReadLocate(record),
            _ => s_opaque,
        };
    }

    /// <summary>No description of this record is public, so the element is found by its number, which no GUID or size looks like.</summary>
    private static BcdDevice ReadLocate(ReadOnlySpan<byte> record)
    {
        for (int at = RecordHeaderSize; at + 4 <= record.Length; at += 4)
        {
            if (Le.U32(record, at) is BcdElementTypes.ApplicationPath or BcdElementTypes.SystemRoot)
            {
                return new BcdDevice { Kind = BcdDeviceKind.Locate, LocateElement = Le.U32(record, at) };
            }
        }

        return new BcdDevice { Kind = BcdDeviceKind.Locate };
    }

    private static BcdDevice ReadPartition(ReadOnlySpan<byte> record, int depth)
    {
        if (record.Length < PartitionRecordSize)
        {
            return s_opaque;
        }

        BcdPartitionId? partition = Le.U32(record, 0x24) switch
        {
            0 => BcdPartitionId.Gpt(new Guid(record.Slice(0x10, 16)), new Guid(record.Slice(0x28, 16))),
            1 => BcdPartitionId.Mbr(Le.U64(record, 0x10), Le.U32(record, 0x28)),
            _ => null,
        };
        if (partition is null)
        {
            return s_opaque;
        }

        const uint VirtualDisk = 6;
        if (Le.U32(record, 0x20) != VirtualDisk)
        {
            return new BcdDevice { Kind = BcdDeviceKind.Partition, Partition = partition };
        }

        BcdDevice file = ReadRecord(record[0x38..], depth + 1);
        return file.Kind == BcdDeviceKind.File
            ? file with { Kind = BcdDeviceKind.VirtualDisk, Partition = partition }
            : new BcdDevice { Kind = BcdDeviceKind.VirtualDisk, Partition = partition };
    }

    private static BcdDevice ReadBlockDevice(ReadOnlySpan<byte> record, int depth) => record.Length < 0x14
        ? s_opaque
        : Le.U32(record, 0x10) switch
        {
            0 or 1 or 2 => new BcdDevice { Kind = BcdDeviceKind.Disk },
            3 => ReadFile(record, 0x28, BcdDeviceKind.Ramdisk, depth),
            5 => ReadFile(record, 0x14, BcdDeviceKind.File, depth),
            _ => s_opaque,
        };

    private static BcdDevice ReadFile(ReadOnlySpan<byte> record, int at, BcdDeviceKind kind, int depth)
    {
        const int ParentAt = FileDescriptorHeaderSize;
        if (record.Length < at + ParentAt + RecordHeaderSize || Le.U32(record, at + 0x04) is var size && size > record.Length - at)
        {
            return s_opaque;
        }

        if (Le.U32(record, at) != 1 || Le.U32(record, at + 0x08) != 5 || size < ParentAt + RecordHeaderSize)
        {
            return s_opaque;
        }

        ReadOnlySpan<byte> descriptor = record.Slice(at, (int)size);
        uint parentSize = Le.U32(descriptor, ParentAt + 0x08);
        if (parentSize > descriptor.Length - ParentAt)
        {
            return s_opaque;
        }

        return new BcdDevice
        {
            Kind = kind,
            Parent = ReadRecord(descriptor[ParentAt..], depth + 1),
            Path = Utf16(descriptor[(ParentAt + (int)parentSize)..]),
        };
    }

    /// <summary>Up to the first NUL, or to the end.</summary>
    internal static string Utf16(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (length + 1 < bytes.Length && BinaryPrimitives.ReadUInt16LittleEndian(bytes[length..]) != 0)
        {
            length += 2;
        }

        return Encoding.Unicode.GetString(bytes[..length]);
    }
}
