using System.Buffers;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>Edits a FAT volume. Every change goes to the device at once, to all copies of the table; only FSInfo waits for
/// <see cref="Flush"/>.</summary>
/// <remarks>Room is looked for before anything is changed. Names are never removed, so an entry keeps its place.</remarks>
public sealed class FatWriter : IWritableGuestFileSystem
{
    private const int BufferSize = 64 * 1024;

    private readonly IWritableBlockDevice _device;
    private readonly FatVolume _volume;
    private readonly FatAllocator _allocator;

    private FatWriter(IWritableBlockDevice device, FatVolume volume)
    {
        _device = device;
        _volume = volume;
        _allocator = new FatAllocator(device, volume.Boot, volume.Table);
    }

    public string Kind => _volume.Kind;

    public string Label => _volume.Label;

    /// <summary>Grows with every change of a chain, so that open files know when theirs is stale.</summary>
    internal int Generation { get; private set; }

    private int ClusterSize => _volume.Boot.ClusterSize;

    /// <exception cref="DiskFormatException"><c>FatBootSectorDamaged</c>.</exception>
    /// <exception cref="GuestStateException"><c>FatVolumeDirty</c>, <c>FatCopiesDiffer</c>.</exception>
    public static FatWriter Open(IWritableBlockDevice device)
    {
        FatVolume volume = FatVolume.Open(device);
        if (volume.State != FatVolumeState.Clean)
        {
            throw new GuestStateException("FatVolumeDirty", "FAT volume", $"The FAT volume was left in the state {volume.State}.",
                "Start the guest and run chkdsk /f on the volume (mountvol X: /S shows an EFI system partition), then shut it down.");
        }

        return volume.Table.FindDifference() is null
            ? new FatWriter(device, volume)
            : throw new GuestStateException("FatCopiesDiffer", "FAT volume", "The copies of the file allocation table differ.",
                "Start the guest and run chkdsk /f on the volume, then shut it down.");
    }

    /// <inheritdoc/>
    public GuestEntry? Find(GuestPath path) => _volume.Find(path);

    /// <inheritdoc/>
    public IEnumerable<GuestEntry> List(GuestPath directory) => _volume.List(directory);

    /// <inheritdoc/>
    public IBlockDevice OpenFile(GuestPath path) => _volume.OpenFile(path);

    /// <inheritdoc/>
    public IResizableBlockDevice OpenFileForWriting(GuestPath path) =>
        new FatWritableFile(this, _device, path.ToString(), _volume.FindFile(path).EntryOffset);

    /// <inheritdoc/>
    /// <exception cref="UnsupportedFeatureException"><c>FatFileTooLarge</c>: 4 GiB or more.</exception>
    public void WriteFile(GuestPath path, IBlockDevice content, DateTime modifiedUtc)
    {
        if (path.IsRoot || _volume.FindEntry(path) is { IsDirectory: true })
        {
            throw new GuestStateException("GuestPathNotAFile", path.ToString(), $"'{path}' is a directory, not a file.", "Choose another name.");
        }

        long entryOffset;
        if (_volume.FindEntry(path) is { } existing)
        {
            entryOffset = existing.EntryOffset;
            Resize(entryOffset, path.ToString(), content.Length, zero: false);
        }
        else
        {
            CheckLength(content.Length, path.ToString());
            FatNewEntry entry = Plan(path, ClustersFor(content.Length));
            FatEntryView view = entry.Entry;
            view.SetFirstCluster(_volume.Type, _allocator.Append(0, ClustersFor(content.Length)));
            view.Length = (uint)content.Length;
            view.SetCreated(modifiedUtc);
            entryOffset = Add(entry);
        }

        Copy(content, OpenAt(entryOffset, path.ToString()));
        UpdateEntry(entryOffset, (ref FatEntryView entry) =>
        {
            entry.SetModified(modifiedUtc);
            entry.Attributes |= FatEntryView.ArchiveAttribute;
        });
    }

    /// <inheritdoc/>
    public void CreateDirectory(GuestPath path, DateTime modifiedUtc)
    {
        if (path.IsRoot || _volume.FindEntry(path) is { IsDirectory: true })
        {
            return;
        }

        if (_volume.FindEntry(path) is not null)
        {
            throw new GuestStateException("GuestPathNotADirectory", path.ToString(), $"'{path}' is a file, not a directory.", "Choose another name.");
        }

        FatNewEntry entry = Plan(path, 1);
        uint cluster = _allocator.Append(0, 1);
        byte[] content = new byte[ClusterSize];
        Fill(new FatEntryView(content.AsSpan(0, FatEntryView.Size)), ".          "u8, cluster, modifiedUtc);
        Fill(new FatEntryView(content.AsSpan(FatEntryView.Size, FatEntryView.Size)), "..         "u8, entry.Directory.FirstCluster, modifiedUtc);
        _device.Write(_volume.Boot.OffsetOf(cluster), content);
        Fill(entry.Entry, entry.Entry.Name, cluster, modifiedUtc);
        Add(entry);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _allocator.Flush();
        _device.Flush();
    }

    /// <summary>The file whose short entry is at a place.</summary>
    internal FatFile OpenAt(long entryOffset, string name)
    {
        FatEntryView entry = ReadEntry(entryOffset, new byte[FatEntryView.Size]);
        return new FatFile(_device, _volume.Boot, _volume.Table, name, entry.FirstCluster(_volume.Type), entry.Length);
    }

    /// <summary>Changes a file's length; new bytes are zero when <paramref name="zero"/> is set, else left to the caller.</summary>
    internal void Resize(long entryOffset, string name, long length, bool zero)
    {
        CheckLength(length, name);
        FatEntryView entry = ReadEntry(entryOffset, new byte[FatEntryView.Size]);
        long oldLength = entry.Length;
        uint first = entry.FirstCluster(_volume.Type);
        List<FatRun> chain = _volume.Table.ReadChain(first, name);
        long have = 0;
        foreach (FatRun run in chain)
        {
            have += run.Count;
        }

        if (have < ClustersFor(oldLength))
        {
            throw new DiskFormatException("FatChainDamaged", $"FAT cluster chain of {name}", entryOffset, "clusters for its length",
                "a shorter chain", "Run chkdsk on the volume in the guest.");
        }

        long want = ClustersFor(length);
        if (want > have)
        {
            _allocator.RequireFree(want - have);
            uint added = _allocator.Append(chain.Count == 0 ? 0 : chain[^1].Cluster + chain[^1].Count - 1, want - have);
            first = first == 0 ? added : first;
        }

        UpdateEntry(entryOffset, (ref FatEntryView changed) =>
        {
            changed.SetFirstCluster(_volume.Type, want == 0 ? 0 : first);
            changed.Length = (uint)length;
            changed.Attributes |= FatEntryView.ArchiveAttribute;
        });
        _allocator.Cut(chain, want);
        Generation++;
        if (zero && length > oldLength)
        {
            Zero(OpenAt(entryOffset, name), oldLength);
        }
    }

    private FatNewEntry Plan(GuestPath path, long clusters)
    {
        FatNewEntry entry = FatNewEntry.Plan(_volume.FindDirectory(path.Parent), _volume.Type, path);
        _allocator.RequireFree(clusters + ClustersFor(entry.MissingSlots * (long)FatEntryView.Size));
        return entry;
    }

    /// <summary>Writes the entries of a new name, the directory grown where it must.</summary>
    /// <returns>Where the short entry is.</returns>
    private long Add(FatNewEntry entry)
    {
        FatDirectory directory = entry.Directory;
        int end = entry.FirstSlot + entry.SlotCount;
        if (entry.MissingSlots > 0)
        {
            Grow(directory, ClustersFor(entry.MissingSlots * (long)FatEntryView.Size));
            directory = _volume.LoadDirectory(directory.Name, directory.FirstCluster);
        }
        else if (entry.CoversEndMark && end < directory.SlotCount)
        {
            _device.Write(directory.OffsetOf(end), [0]);
        }

        for (int i = 0; i < entry.SlotCount; i++)
        {
            _device.Write(directory.OffsetOf(entry.FirstSlot + i), entry.Slot(i));
        }

        Generation++;
        return directory.OffsetOf(end - 1);
    }

    private void Grow(FatDirectory directory, long clusters)
    {
        uint first = directory.FirstCluster == 0 ? _volume.Boot.RootCluster : directory.FirstCluster;
        List<FatRun> chain = _volume.Table.ReadChain(first, directory.Name);
        uint cluster = _allocator.Append(chain[^1].Cluster + chain[^1].Count - 1, clusters);
        byte[] zeros = new byte[ClusterSize];
        foreach (FatRun run in _volume.Table.ReadChain(cluster, directory.Name))
        {
            for (uint i = 0; i < run.Count; i++)
            {
                _device.Write(_volume.Boot.OffsetOf(run.Cluster + i), zeros);
            }
        }
    }

    private void Fill(FatEntryView entry, ReadOnlySpan<byte> name, uint cluster, DateTime modifiedUtc)
    {
        name.CopyTo(entry.Name);
        entry.Attributes = FatEntryView.DirectoryAttribute;
        entry.SetFirstCluster(_volume.Type, cluster);
        entry.SetCreated(modifiedUtc);
        entry.SetModified(modifiedUtc);
    }

    private void Copy(IBlockDevice content, FatFile file)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                int count = (int)Math.Min(BufferSize, content.Length - offset);
                content.Read(offset, buffer.AsSpan(0, count));
                file.Write(_device, offset, buffer.AsSpan(0, count));
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Zero(FatFile file, long from)
    {
        byte[] zeros = new byte[BufferSize];
        while (from < file.Length)
        {
            int count = (int)Math.Min(BufferSize, file.Length - from);
            file.Write(_device, from, zeros.AsSpan(0, count));
            from += count;
        }
    }

    private FatEntryView ReadEntry(long offset, byte[] buffer)
    {
        _device.Read(offset, buffer);
        return new FatEntryView(buffer);
    }

    private void UpdateEntry(long offset, EntryChange change)
    {
        byte[] buffer = new byte[FatEntryView.Size];
        FatEntryView entry = ReadEntry(offset, buffer);
        change(ref entry);
        _device.Write(offset, buffer);
    }

    private long ClustersFor(long length) => (length + ClusterSize - 1) / ClusterSize;

    private static void CheckLength(long length, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > uint.MaxValue)
        {
            throw new UnsupportedFeatureException("FatFileTooLarge", "a file of 4 GiB or more on FAT", name);
        }
    }

    private delegate void EntryChange(ref FatEntryView entry);
}
