using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Registry;

/// <summary>A transaction log file: which format it has and whether its base block is whole.</summary>
internal sealed class HiveLog
{
    private const uint EntriesType = 6;

    private HiveLog(IBlockDevice device, string name, byte[] baseBlock)
    {
        Device = device;
        Name = name;
        BaseBlock = baseBlock;
    }

    public IBlockDevice Device { get; }

    /// <summary>LOG, LOG1 or LOG2.</summary>
    public string Name { get; }

    /// <summary>The first sector.</summary>
    public byte[] BaseBlock { get; }

    /// <summary>Entries (Windows 8.1 and later), else a dirty vector.</summary>
    public bool HasEntries => new HiveBaseBlock(BaseBlock).FileType == EntriesType;

    public uint Sequence => new HiveBaseBlock(BaseBlock).PrimarySequence;

    /// <summary>The log, or null when it is empty or its base block is not whole: Windows does not use such a log either.</summary>
    public static HiveLog? Open(IBlockDevice device, string name)
    {
        if (device.Length < HiveBaseBlock.ChecksummedSize * 2)
        {
            return null;
        }

        byte[] bytes = new byte[HiveBaseBlock.ChecksummedSize];
        device.Read(0, bytes);
        HiveBaseBlock block = new(bytes);
        return block.IsWhole && block.PrimarySequence == block.SecondarySequence && block.FileType is 1 or 2 or EntriesType
            && block.BinsSize is > 0 and <= int.MaxValue && block.BinsSize % HivePages.PageSize == 0
            ? new HiveLog(device, name, bytes)
            : null;
    }

    /// <summary>The entries in order, up to the first place where none starts.</summary>
    public IEnumerable<HiveLogEntry> Entries()
    {
        long offset = HiveLogEntry.FirstEntry;
        while (HiveLogEntry.Read(Device, offset) is { } entry)
        {
            yield return entry;
            offset += entry.Bytes.Length;
        }
    }
}
