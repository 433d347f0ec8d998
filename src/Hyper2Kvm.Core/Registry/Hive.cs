using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>A registry hive (regf 1.3 to 1.6): read on demand, changed in memory, saved page by page.</summary>
/// <remarks>
/// A primary file is a base block of 4 KiB and the hive bins; what follows them is padding. Opening a clean hive reads the base block
/// only. After an error in an edit the hive in memory is half changed: drop it.
/// </remarks>
public sealed class Hive
{
    private const uint OldestMinor = 3;
    private const uint NewestMinor = 6;
    private const string DamagedRemedy =
        "Repair the guest where it ran before (chkdsk, or Windows' own recovery), or restore the hive from a backup.";

    private readonly byte[] _baseBlock;
    private readonly HiveCells _cells;
    private bool _isSaved;

    private Hive(byte[] baseBlock, HiveCells cells, string? recovery)
    {
        _baseBlock = baseBlock;
        _cells = cells;
        Recovery = recovery;
        WasDirty = recovery is not null;
    }

    /// <summary>The logs had to be replayed (in memory): <see cref="Save"/> then writes the repaired hive, also without other changes.</summary>
    public bool WasDirty { get; }

    /// <summary>What the replay did, for people; null for a clean hive.</summary>
    public string? Recovery { get; }

    /// <summary>Version of the format, for example 1.3.</summary>
    public string FormatVersion
    {
        get
        {
            HiveBaseBlock block = new(_baseBlock);
            return string.Create(CultureInfo.InvariantCulture, $"{block.Major}.{block.Minor}");
        }
    }

    /// <summary>Something was changed since the hive was opened or saved.</summary>
    public bool IsChanged => _cells.Pages.IsChanged;

    /// <summary>The root key. Its stored name means nothing; its <see cref="HiveKey.Path"/> is "".</summary>
    public HiveKey Root => HiveKey.OpenRoot(_cells);

    /// <summary>Opens a hive, and replays its logs in memory when it is dirty.</summary>
    /// <param name="primary">The hive file.</param>
    /// <param name="logs">.LOG1 and .LOG2, or .LOG, in this order; none is fine for a clean hive.</param>
    /// <param name="name">The hive's path, for messages.</param>
    /// <exception cref="DiskFormatException">HiveDamaged: not a hive, truncated, or the replay does not give one.</exception>
    /// <exception cref="UnsupportedFeatureException">HiveWindows9x, HiveVersionUnsupported.</exception>
    /// <exception cref="GuestStateException">HiveDirty: dirty, and no log fits.</exception>
    public static Hive Open(IBlockDevice primary, IReadOnlyList<IBlockDevice> logs, string name)
    {
        byte[] bytes = ReadBaseBlock(primary, name);
        HiveBaseBlock block = new(bytes);
        if (block.IsWhole && block.PrimarySequence == block.SecondarySequence)
        {
            return OpenChecked(primary, bytes, name, recovery: null, pages: null);
        }

        List<HiveLog> usable = [];
        for (int i = 0; i < logs.Count; i++)
        {
            string logName = logs.Count == 1 ? "LOG" : string.Create(CultureInfo.InvariantCulture, $"LOG{i + 1}");
            if (HiveLog.Open(logs[i], logName) is { } log)
            {
                usable.Add(log);
            }
        }

        HivePages pages = new(primary, block.BinsSize <= int.MaxValue ? (int)Math.Max(block.BinsSize, HivePages.PageSize) : HivePages.PageSize);
        string recovery = new HiveRecovery(name, bytes, pages).Run(usable);
        return OpenChecked(primary, bytes, name, recovery, pages);
    }

    /// <summary>Opens a hive for reading as it lies there, dirty or not, without its logs: for looking at a guest that must not be edited.</summary>
    /// <exception cref="DiskFormatException">HiveDamaged: not a hive, or truncated.</exception>
    /// <exception cref="UnsupportedFeatureException">HiveWindows9x, HiveVersionUnsupported.</exception>
    public static Hive OpenAsFound(IBlockDevice primary, string name) =>
        OpenChecked(primary, ReadBaseBlock(primary, name), name, recovery: null, pages: null, editable: false);

    /// <summary>Makes a transaction log empty in the eyes of Windows, so that nothing old is ever replayed over an edited hive.</summary>
    /// <remarks>
    /// A clean hive's logs are not replayed, but the hive will be dirty again one day: then a stale log must not look like one that
    /// fits. Zeros over the base block and the first signature make it invalid for every version; Windows writes both anew when it
    /// next logs. The size stays, because Windows keeps its logs allocated. Call it after <see cref="Save"/>.
    /// </remarks>
    public static void ResetLog(IResizableBlockDevice log)
    {
        Span<byte> head = stackalloc byte[1024];
        head = head[..(int)Math.Min(head.Length, log.Length)];
        log.Read(0, head);
        if (head.ContainsAnyExcept((byte)0))
        {
            head.Clear();
            log.Write(0, head);
            log.Flush();
        }
    }

    /// <summary>The key at a path from the root, or null. Backslashes between names, any case; "" is the root.</summary>
    public HiveKey? Find(string path) => Root.Find(path);

    /// <summary>Writes the changes into the file that the hive was opened from, or a copy of it; without changes it writes nothing.</summary>
    /// <param name="target">Holds the bytes the hive was opened from. Grows when bins were added; its other pages are not touched.</param>
    /// <param name="utcNow">The last-written time of the hive.</param>
    /// <remarks>First the hive is marked as being written, last as clean, so a write that is cut off never looks like a clean hive.</remarks>
    public void Save(IResizableBlockDevice target, DateTime utcNow)
    {
        if (!IsChanged && (!WasDirty || _isSaved))
        {
            return;
        }

        HiveBaseBlock block = new(_baseBlock);
        uint sequence = unchecked(Math.Max(block.PrimarySequence, block.SecondarySequence) + 1);
        HivePages pages = _cells.Pages;
        if (target.Length < HiveBaseBlock.Size + (long)pages.Size)
        {
            target.SetLength(HiveBaseBlock.Size + (long)pages.Size);
        }

        block.PrimarySequence = sequence;
        block.LastWritten = utcNow.ToFileTimeUtc();
        block.BinsSize = (uint)pages.Size;
        block.Checksum = block.ComputeChecksum();
        target.Write(0, _baseBlock);

        // The first bin keeps a copy of the last-written time.
        Span<byte> time = stackalloc byte[8];
        Le.I64(time, 0, block.LastWritten);
        pages.Write(CellAllocator.BinTimestamp, time);
        pages.WriteChanged(target);

        block.SecondarySequence = sequence;
        block.Checksum = block.ComputeChecksum();
        target.Write(0, _baseBlock);
        target.Flush();
        pages.IsChanged = false;
        _isSaved = true;
    }

    private static byte[] ReadBaseBlock(IBlockDevice primary, string name)
    {
        byte[] bytes = new byte[HiveBaseBlock.Size];
        int there = (int)Math.Min(primary.Length, bytes.Length);
        primary.Read(0, bytes.AsSpan(0, there));
        if (bytes.AsSpan(0, 4).SequenceEqual("CREG"u8))
        {
            throw new UnsupportedFeatureException("HiveWindows9x", "the registry format of Windows 95, 98 and Me (CREG)", name);
        }

        return there == bytes.Length ? bytes : throw Damaged(name, "base block", 0, "4096 bytes", $"{there} bytes");
    }

    private static Hive OpenChecked(IBlockDevice primary, byte[] bytes, string name, string? recovery, HivePages? pages, bool editable = true)
    {
        HiveBaseBlock block = new(bytes);
        if (!block.HasSignature)
        {
            throw Damaged(name, "base block", 0, "the signature 'regf'", $"bytes {Convert.ToHexString(bytes.AsSpan(0, 4))}");
        }

        if (block.Major != 1 || block.Minor is < OldestMinor or > NewestMinor)
        {
            throw new UnsupportedFeatureException(
                "HiveVersionUnsupported", $"the hive format {block.Major}.{block.Minor} (supported are 1.3 to 1.6)", name);
        }

        if (block.FileType != HiveBaseBlock.PrimaryType || block.FileFormat != 1)
        {
            throw Damaged(name, "base block", 0x1C, "file type 0 and format 1", $"{block.FileType} and {block.FileFormat}");
        }

        long there = recovery is null ? primary.Length - HiveBaseBlock.Size : int.MaxValue;
        if (block.BinsSize == 0 || block.BinsSize % HivePages.PageSize != 0 || block.BinsSize > Math.Min(there, int.MaxValue))
        {
            throw Damaged(name, "base block", 0x28, $"hive bins of whole pages within {there} bytes", $"{block.BinsSize} bytes");
        }

        pages ??= new HivePages(primary, (int)block.BinsSize);
        pages.IsChanged = false;
        HiveCells cells = new(pages, name, block.Minor, block.RootCell, editable);
        cells.ReadKeyNode(block.RootCell);
        return new Hive(bytes, cells, recovery);
    }

    internal static DiskFormatException Damaged(string name, string structure, long offset, string expected, string actual) =>
        new("HiveDamaged", $"{structure} of the hive {name}", offset, expected, actual, DamagedRemedy);
}
