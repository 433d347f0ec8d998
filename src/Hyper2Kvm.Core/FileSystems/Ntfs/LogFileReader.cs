using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

// Restart page, at 0 and again at one system page:      Restart area, at the page's restart offset:
//   0x00 4 "RSTR" ("CHKD" after chkdsk)                   0x00 8 current LSN
//   0x04 2 update sequence offset   0x06 2 words          0x08 2 clients   0x0A 2 free list   0x0C 2 in-use list (0xFFFF: none)
//   0x08 8 chkdsk LSN                                     0x0E 2 flags: 2 volume is clean
//   0x10 4 system page size         0x14 4 log page size
//   0x18 2 restart offset           0x1A 2 minor   0x1C 2 major version
// (ntfs-3g and dfir_ntfs describe the same fields.)

/// <summary>Judges $LogFile by its two restart pages.</summary>
internal static class LogFileReader
{
    private const int ProbeSize = 4096;
    private const ushort NoClient = 0xFFFF;
    private const ushort CleanFlag = 0x0002;

    public static LogFileState Read(IBlockDevice log)
    {
        if (log.Length < 2 * ProbeSize)
        {
            return LogFileState.Damaged;
        }

        byte[] probe = new byte[ProbeSize];
        log.Read(0, probe);
        if (probe.AsSpan().IndexOfAnyExcept((byte)0xFF) < 0)
        {
            return LogFileState.Empty;
        }

        int pageSize = SystemPageSize(probe) is var size and > 0 && size <= log.Length / 2 ? size : ProbeSize;
        byte[]? first = ReadPage(log, 0, pageSize);
        byte[]? second = ReadPage(log, pageSize, pageSize);
        byte[]? newer = first is null || (second is not null && CurrentLsn(second) > CurrentLsn(first)) ? second : first;
        return newer is null ? LogFileState.Damaged : Judge(newer);
    }

    private static int SystemPageSize(ReadOnlySpan<byte> page)
    {
        uint size = Le.U32(page, 0x10);
        return size is >= 4096 and <= 64 * 1024 && (size & (size - 1)) == 0 ? (int)size : 0;
    }

    /// <summary>A whole restart page, or null.</summary>
    private static byte[]? ReadPage(IBlockDevice log, long offset, int pageSize)
    {
        byte[] page = new byte[pageSize];
        log.Read(offset, page);
        bool named = page.AsSpan(0, 4).SequenceEqual("RSTR"u8) || page.AsSpan(0, 4).SequenceEqual("CHKD"u8);
        if (!named || SystemPageSize(page) != pageSize || !UpdateSequence.TryRemove(page))
        {
            return null;
        }

        int area = Le.U16(page, 0x18);
        return area % 8 == 0 && area >= 0x1E && area + 0x30 <= UpdateSequence.Stride ? page : null;
    }

    private static ulong CurrentLsn(ReadOnlySpan<byte> page) => Le.U64(page, Le.U16(page, 0x18));

    private static LogFileState Judge(ReadOnlySpan<byte> page)
    {
        int area = Le.U16(page, 0x18);
        bool clean = Le.U16(page, area + 0x0C) == NoClient || (Le.U16(page, area + 0x0E) & CleanFlag) != 0;
        return clean ? LogFileState.Clean : Le.I16(page, 0x1C) >= 2 ? LogFileState.Version2InUse : LogFileState.NotClean;
    }
}
