using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>What the parts of the writer share: the volume as it stands within the operation, and the two allocators.</summary>
internal sealed class WriteContext
{
    private readonly long _mirrorRecords;

    public WriteContext(IWritableBlockDevice device)
    {
        Device = new StagedDevice(device);
        Volume = NtfsVolume.Open(Device);
        _mirrorRecords = Volume.Load(new FileReference(FileReference.MirrorNumber, 0)).Require(AttributeType.Data, "").DataSize / RecordSize;
        Clusters = new ClusterBitmap(this);
        Records = new FileRecordAllocator(this);
        Security = new SecurityIds(this);
    }

    public StagedDevice Device { get; }

    public NtfsVolume Volume { get; }

    public MasterFileTable Table => Volume.Table;

    public ClusterBitmap Clusters { get; }

    public FileRecordAllocator Records { get; }

    public SecurityIds Security { get; }

    public int ClusterSize => Volume.Boot.ClusterSize;

    public int RecordSize => Volume.Boot.FileRecordSize;

    /// <summary>Counts finished operations, so that open files notice that something changed.</summary>
    public int Generation { get; private set; }

    /// <summary>Runs one operation: all of it is written, or nothing.</summary>
    public void Run(Action operation)
    {
        bool done = false;
        try
        {
            operation();
            Clusters.ReleasePending();
            Device.Commit();
            done = true;
        }
        finally
        {
            Generation++;
            if (!done)
            {
                Device.Drop();
                Clusters.ForgetPending();
                Table.Reload();
            }
        }
    }

    /// <summary>Puts a record, still without update sequence, onto the volume and, for the first ones, into $MFTMirr.</summary>
    public void WriteRecord(long number, ReadOnlySpan<byte> record)
    {
        byte[] bytes = record.ToArray();
        UpdateSequence.Insert(bytes);
        WriteStream(Table.Data, number * RecordSize, bytes);
        if (number < _mirrorRecords)
        {
            Device.Write((Volume.Boot.MftMirrorLcn * ClusterSize) + (number * RecordSize), bytes);
        }

        Table.Forget(number);
    }

    /// <summary>Writes into the clusters of a stream, held back with the operation.</summary>
    public void WriteStream(AttributeData stream, long offset, ReadOnlySpan<byte> data) =>
        WriteRuns(stream.Runs, offset, data, Device.Write);

    /// <summary>Writes a file's content, at once.</summary>
    public void WriteContent(IReadOnlyList<DataRun> runs, long offset, ReadOnlySpan<byte> data) =>
        WriteRuns(runs, offset, data, Device.WriteThrough);

    /// <summary>Zeroes a range of newly allocated clusters, at once.</summary>
    public void WriteZeros(IReadOnlyList<DataRun> runs, long offset, long end)
    {
        byte[] zeros = new byte[(int)Math.Min(64 * 1024, Math.Max(0, end - offset))];
        while (offset < end)
        {
            int count = (int)Math.Min(zeros.Length, end - offset);
            WriteContent(runs, offset, zeros.AsSpan(0, count));
            offset += count;
        }
    }

    private void WriteRuns(IReadOnlyList<DataRun> runs, long offset, ReadOnlySpan<byte> data, WriteAt write)
    {
        foreach (DataRun run in runs)
        {
            long start = run.Vcn * ClusterSize;
            long end = run.EndVcn * ClusterSize;
            if (data.Length == 0 || end <= offset)
            {
                continue;
            }

            int count = (int)Math.Min(data.Length, end - offset);
            if (run.IsSparse)
            {
                break;
            }

            write((run.Lcn * ClusterSize) + offset - start, data[..count]);
            data = data[count..];
            offset += count;
        }

        if (data.Length > 0)
        {
            throw new DiskFormatException("NtfsRunListDamaged", "NTFS stream", offset, "clusters for what is written", "none");
        }
    }

    private delegate void WriteAt(long offset, ReadOnlySpan<byte> data);
}
