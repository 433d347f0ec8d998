using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Bcd;

/// <summary>Lets a device element name another partition, and keeps every other byte of it. Layout: <see cref="BcdDevice"/>.</summary>
public static class BcdDevicePatch
{
    private const int ElementHeaderSize = 0x10;
    private const int PartitionRecordSize = 0x48;
    private const int DepthLimit = 4;

    /// <summary>The partition that the element's files are on, whatever is wrapped around it; null when it names none by its ids.</summary>
    public static BcdPartitionId? PartitionOf(BcdDevice device)
    {
        while (device.Parent is { } parent)
        {
            device = parent;
        }

        return device.Kind == BcdDeviceKind.Partition ? device.Partition : null;
    }

    /// <summary>A copy of the element with another partition; null when it names none by its ids.</summary>
    public static byte[]? Redirect(ReadOnlySpan<byte> element, BcdPartitionId partition)
    {
        if (PartitionOf(BcdDevice.Read(element)) is null || FindRecord(element) is not { } at)
        {
            return null;
        }

        byte[] patched = element.ToArray();
        Span<byte> record = patched.AsSpan(at, PartitionRecordSize);
        record[0x10..0x20].Clear();
        record[0x28..0x38].Clear();
        Le.U32(record, 0x24, partition.IsGpt ? 0u : 1u);
        if (partition is { PartitionGuid: { } id, DiskGuid: { } disk })
        {
            id.TryWriteBytes(record[0x10..]);
            disk.TryWriteBytes(record[0x28..]);
        }
        else
        {
            Le.U64(record, 0x10, partition.Offset!.Value);
            Le.U32(record, 0x28, partition.DiskSignature!.Value);
        }

        // What was written must read back: a record that lies elsewhere than expected would be damaged.
        return PartitionOf(BcdDevice.Read(patched)) == partition ? patched : null;
    }

    private static int? FindRecord(ReadOnlySpan<byte> element)
    {
        const uint VirtualDisk = 6;
        int at = ElementHeaderSize;
        for (int depth = 0; depth < DepthLimit && at + 0x14 <= element.Length; depth++)
        {
            switch (Le.U32(element, at))
            {
                case 6 when at + PartitionRecordSize > element.Length:
                    return null;
                case 6 when Le.U32(element, at + 0x20) != VirtualDisk:
                    return at;
                case 6:
                    at += 0x38;
                    break;
                case 0 when Le.U32(element, at + 0x10) == 3:
                    at += 0x34;
                    break;
                case 0 when Le.U32(element, at + 0x10) == 5:
                    at += 0x20;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }
}
