using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>$MFT: gives file records by number. A few are kept, so that walking a path reads each only once.</summary>
internal sealed class MasterFileTable
{
    private const int CacheLimit = 512;
    private const string ErrorId = "NtfsFileRecordDamaged";

    private readonly IBlockDevice _volume;
    private readonly Dictionary<long, byte[]> _cache = [];
    private StreamDevice _stream;

    private MasterFileTable(IBlockDevice volume, NtfsBootSector boot)
    {
        _volume = volume;
        Boot = boot;
        _stream = new StreamDevice(volume, boot.ClusterSize, [new DataRun(0, boot.MftLcn, RecordClusters(boot))], boot.FileRecordSize, boot.FileRecordSize);
        Data = null!;
    }

    public NtfsBootSector Boot { get; }

    public IBlockDevice Device => _volume;

    /// <summary>$MFT's own data attribute.</summary>
    public AttributeData Data { get; private set; }

    /// <summary>File records that have been initialised.</summary>
    public long RecordCount => _stream.Length / Boot.FileRecordSize;

    public static MasterFileTable Open(IBlockDevice volume, NtfsBootSector boot)
    {
        MasterFileTable table = new(volume, boot);
        table.Reload();
        return table;
    }

    /// <summary>Reads $MFT's runs anew: its attribute list may name records that only the runs found so far can reach.</summary>
    public void Reload()
    {
        _cache.Clear();
        _stream = new StreamDevice(
            _volume, Boot.ClusterSize, [new DataRun(0, Boot.MftLcn, RecordClusters(Boot))], Boot.FileRecordSize, Boot.FileRecordSize);
        NtfsFile self = NtfsFile.LoadBase(this, FileReference.MftNumber);
        List<DataRun> runs = [];
        AttributeView first = self.BaseAttribute(AttributeType.Data, "");
        if (!first.IsNonResident || first.LowestVcn != 0 || first.InitializedSize < Boot.FileRecordSize)
        {
            throw Damaged(FileReference.MftNumber, "a non-resident data attribute", "none");
        }

        long dataSize = first.DataSize;
        long initialized = first.InitializedSize;
        long allocated = first.AllocatedSize;
        ushort flags = first.Flags;
        DataRuns.Decode(first, runs, Boot.ClusterCount, FileReference.MftNumber);
        Map(runs, initialized);
        foreach (AttributeListEntry entry in self.ListEntries)
        {
            if (entry.Type == AttributeType.Data && entry.Name.Length == 0 && entry.LowestVcn > 0)
            {
                self.DecodeFragment(entry, runs);
                Map(runs, initialized);
            }
        }

        if (_stream.Length < initialized / Boot.FileRecordSize * Boot.FileRecordSize)
        {
            throw Damaged(FileReference.MftNumber, "runs for the whole of $MFT", string.Create(CultureInfo.InvariantCulture, $"{_stream.Length} bytes"));
        }

        Data = new AttributeData { Runs = runs, Flags = flags, AllocatedSize = allocated, DataSize = dataSize, InitializedSize = initialized };
    }

    /// <summary>A validated record, its update sequence taken out. The array is shared: it must not be changed.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsFileRecordDamaged</c>.</exception>
    public byte[] Read(long number)
    {
        if (_cache.TryGetValue(number, out byte[]? record))
        {
            return record;
        }

        record = new byte[Boot.FileRecordSize];
        ReadChecked(number, record);
        if (_cache.Count >= CacheLimit)
        {
            _cache.Clear();
        }

        _cache.Add(number, record);
        return record;
    }

    /// <summary>A record in use that <paramref name="reference"/> still names.</summary>
    /// <exception cref="DiskFormatException"><c>NtfsFileRecordDamaged</c>: the reference is stale or the record free.</exception>
    public byte[] Read(FileReference reference) => Named(reference, Read(reference.Number));

    /// <summary>As <see cref="Read(FileReference)"/>, for who goes over many records and needs each once.</summary>
    /// <param name="reference">Names the record.</param>
    /// <param name="buffer">Room for one record; what is given back is this array or a shared one.</param>
    public byte[] ReadOnce(FileReference reference, byte[] buffer)
    {
        if (!_cache.TryGetValue(reference.Number, out byte[]? record))
        {
            ReadChecked(reference.Number, record = buffer);
        }

        return Named(reference, record);
    }

    /// <summary>The record as it lies on the disk.</summary>
    public byte[] ReadUnchecked(long number)
    {
        byte[] record = new byte[Boot.FileRecordSize];
        ReadUnchecked(number, record);
        return record;
    }

    /// <summary>The record without its update sequence; empty where none can be read (a record that was never used).</summary>
    public ReadOnlySpan<byte> ReadWithoutCheck(long number)
    {
        if (_cache.TryGetValue(number, out byte[]? record))
        {
            return record;
        }

        record = ReadUnchecked(number);
        return record.AsSpan(0, 4).SequenceEqual(FileRecordView.Signature) && UpdateSequence.TryRemove(record) ? record : [];
    }

    /// <summary>Forgets a record that has been written.</summary>
    public void Forget(long number) => _cache.Remove(number);

    public static string Name(long number) => string.Create(CultureInfo.InvariantCulture, $"NTFS file record 0x{number:X}");

    public static DiskFormatException Damaged(long number, string expected, string actual) =>
        new(ErrorId, Name(number), 0, expected, actual, "Run chkdsk in the guest before migrating it.");

    private static long RecordClusters(NtfsBootSector boot) => Math.Max(1, boot.FileRecordSize / boot.ClusterSize);

    private void ReadChecked(long number, byte[] record)
    {
        ReadUnchecked(number, record);
        UpdateSequence.Remove(record, FileRecordView.Signature, ErrorId, Name(number), PlaceOf(number));
        new FileRecordView(record).Validate(number);
    }

    private void ReadUnchecked(long number, byte[] record)
    {
        if (number < 0 || number >= RecordCount)
        {
            throw Damaged(number, string.Create(CultureInfo.InvariantCulture, $"a record below 0x{RecordCount:X}"), "a reference beyond $MFT");
        }

        _stream.Read(number * Boot.FileRecordSize, record);
    }

    private static byte[] Named(FileReference reference, byte[] bytes)
    {
        FileRecordView record = new(bytes);
        if (!record.IsInUse || (reference.Sequence != 0 && record.Sequence != reference.Sequence))
        {
            throw Damaged(
                reference.Number,
                string.Create(CultureInfo.InvariantCulture, $"a record in use with sequence number {reference.Sequence}"),
                string.Create(CultureInfo.InvariantCulture, $"flags {record.Flags} and sequence number {record.Sequence}"));
        }

        return bytes;
    }

    private void Map(List<DataRun> runs, long initialized)
    {
        long mapped = runs.Count == 0 ? 0 : runs[^1].EndVcn * Boot.ClusterSize;
        long length = Math.Min(mapped, initialized) / Boot.FileRecordSize * Boot.FileRecordSize;
        _stream = new StreamDevice(_volume, Boot.ClusterSize, runs, length, length);
    }

    private long PlaceOf(long number)
    {
        long offset = number * Boot.FileRecordSize;
        foreach (DataRun run in Data?.Runs ?? [])
        {
            long start = run.Vcn * Boot.ClusterSize;
            if (offset >= start && offset < run.EndVcn * Boot.ClusterSize)
            {
                return (run.Lcn * Boot.ClusterSize) + offset - start;
            }
        }

        return (Boot.MftLcn * Boot.ClusterSize) + offset;
    }
}
