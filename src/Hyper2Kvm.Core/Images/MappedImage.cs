using System.Buffers;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images;

/// <summary>An image whose blocks lie anywhere in its file, as its tables say: what all sparse formats have in common. A directory leads
/// to tables, a table to blocks.</summary>
public abstract class MappedImage : DiskImage
{
    private const int UnpackedBytes = 8 * 1024 * 1024;

    private readonly FileBlockDevice _file;
    private LruCache? _unpacked;
    private readonly long _tableSpan;

    /// <param name="file">The image file, which this image owns from here on.</param>
    /// <param name="blockSize">Bytes per block: cluster, grain, sector.</param>
    /// <param name="blocksPerTable">Entries of one table.</param>
    private protected MappedImage(FileBlockDevice file, int blockSize, int blocksPerTable)
    {
        _file = file;
        _tableSpan = (long)blockSize * blocksPerTable;
        BlockSize = blockSize;
    }

    public sealed override string Path => _file.Path;

    public override IReadOnlyList<string> Files => Backing is null ? [Path] : [Path, .. Backing.Files];

    public override string? QemuObstacle => Backing?.QemuObstacle;

    /// <summary>The image file itself.</summary>
    private protected FileBlockDevice HostFile => _file;

    /// <summary>Bytes per block: cluster, grain, sector.</summary>
    private protected int BlockSize { get; }

    /// <summary>Bytes of a compressed block when it is unpacked: whole blocks.</summary>
    private protected virtual int PackedSize => BlockSize;

    /// <summary>How many bytes of the backing image shine through.</summary>
    private protected virtual long BackingLength => Backing!.Length;

    public sealed override void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        while (buffer.Length > 0)
        {
            MappedRun run = Map(offset, buffer.Length);
            Span<byte> part = buffer[..(int)Math.Min(run.Length, buffer.Length)];
            ReadPart(run, offset, part);
            buffer = buffer[part.Length..];
            offset += part.Length;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Blocks that are zero by a flag count only where they hide a backing image.</remarks>
    public sealed override IEnumerable<BlockRange> AllocatedRanges()
    {
        long start = -1;
        for (long offset = 0; offset < Length;)
        {
            MappedRun run = Map(offset, Length - offset);
            bool held = run.Kind is MappedRunKind.Data or MappedRunKind.Compressed
                || (run.Kind is MappedRunKind.Zero && Backing is not null);
            if (held && start < 0)
            {
                start = offset;
            }
            else if (!held && start >= 0)
            {
                yield return new BlockRange(start, offset - start);
                start = -1;
            }

            offset += run.Length;
        }

        if (start >= 0)
        {
            yield return new BlockRange(start, Length - start);
        }
    }

    internal sealed override DiskRun Locate(long offset, long length)
    {
        MappedRun run = Map(offset, length);
        switch (run.Kind)
        {
            case MappedRunKind.Absent when Backing is not null && offset < BackingLength:
                return Backing.Locate(offset, Math.Min(run.Length, BackingLength - offset));
            case MappedRunKind.Data:
                long held = run.Length;
                return DataFile is { } file && run.FileOffset < file.Length && file.IsHole(run.FileOffset, ref held)
                    ? DiskRun.Zeros(held)
                    : new DiskRun(this, run with { Length = held }, offset);
            case MappedRunKind.Compressed:
                return new DiskRun(this, run, offset);
            default:
                return DiskRun.Zeros(run.Length);
        }
    }

    internal sealed override void ReadRun(MappedRun run, long offset, Span<byte> buffer)
    {
        if (run.Kind == MappedRunKind.Data)
        {
            ReadFile(run.FileOffset, buffer);
            return;
        }

        int within = (int)(offset % PackedSize);
        if (within == 0 && buffer.Length == PackedSize)
        {
            Unpack(run, offset, buffer);
            return;
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(PackedSize);
        try
        {
            Unpack(run, offset - within, block.AsSpan(0, PackedSize));
            block.AsSpan(within, buffer.Length).CopyTo(buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The file with the data, where a hole of the host's file system means zeros; null where something lies over it.</summary>
    private protected virtual FileBlockDevice? DataFile => _file;

    /// <inheritdoc/>
    internal sealed override HostRange? FindOwn(long offset, long length)
    {
        MappedRun run = Map(offset, Math.Min(length, BlockSize - (offset % BlockSize)));
        return run.Kind == MappedRunKind.Data && run.FileOffset + run.Length <= _file.Length && IsUnshared(offset)
            ? new HostRange(Path, run.FileOffset, run.Length)
            : null;
    }

    /// <summary>The block of the file that holds this byte of the disk belongs to nothing else, such as a snapshot.</summary>
    private protected virtual bool IsUnshared(long offset) => true;

    /// <summary>Where the table with this index is: its file offset, or what else tells it from others; 0 when none of its blocks is in
    /// this image.</summary>
    private protected abstract long FindTable(long index);

    /// <summary>What a table says of one block, and of those after it of which it is known to say the same.</summary>
    /// <param name="table">As <see cref="FindTable"/> gave it.</param>
    /// <param name="index">Of the block within the table.</param>
    /// <returns>A run of one or more whole blocks within the table; when it is compressed, to the end of what is packed together.</returns>
    private protected abstract MappedRun FindBlock(long table, long index);

    /// <summary>Unpacks what is packed together with the block that holds <paramref name="offset"/>. Safe for several threads at once.</summary>
    /// <param name="run">As mapped.</param>
    /// <param name="offset">Of its start on the disk.</param>
    /// <param name="block">To be filled wholly.</param>
    private protected abstract void Unpack(MappedRun run, long offset, Span<byte> block);

    /// <summary>Reads from the file, where the format says that there is something. Safe for several threads at once.</summary>
    private protected abstract void ReadFile(long fileOffset, Span<byte> buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            Backing?.Dispose();
        }
    }

    /// <summary>Where the bytes at <paramref name="offset"/> are, and for how many of the next <paramref name="length"/> that holds.</summary>
    /// <returns>A run of 1 to <paramref name="length"/> bytes within one table.</returns>
    private MappedRun Map(long offset, long length)
    {
        length = Math.Min(length, _tableSpan - (offset % _tableSpan));
        long table = FindTable(offset / _tableSpan);
        if (table == 0)
        {
            return new MappedRun(MappedRunKind.Absent, length);
        }

        long index = offset % _tableSpan / BlockSize;
        long within = offset % BlockSize;
        MappedRun first = FindBlock(table, index);
        long mapped = first.Length - within;
        for (MappedRun last = first; mapped < length && first.Kind != MappedRunKind.Compressed; mapped += last.Length)
        {
            index += last.Length / BlockSize;
            MappedRun next = FindBlock(table, index);
            if (next.Kind != first.Kind || (next.Kind == MappedRunKind.Data && next.FileOffset != last.FileOffset + last.Length))
            {
                break;
            }

            last = next;
        }

        long fileOffset = first.Kind == MappedRunKind.Data ? first.FileOffset + within : first.FileOffset;
        return first with { Length = Math.Min(mapped, length), FileOffset = fileOffset };
    }

    private void ReadPart(MappedRun run, long offset, Span<byte> buffer)
    {
        switch (run.Kind)
        {
            case MappedRunKind.Data:
                ReadFile(run.FileOffset, buffer);
                break;
            case MappedRunKind.Compressed:
                Unpacked(run, offset).AsSpan((int)(offset % PackedSize), buffer.Length).CopyTo(buffer);
                break;
            case MappedRunKind.Absent when Backing is not null:
                int beneath = (int)Math.Clamp(BackingLength - offset, 0, buffer.Length);
                Backing.Read(Math.Min(offset, BackingLength), buffer[..beneath]);
                buffer[beneath..].Clear();
                break;
            default:
                buffer.Clear();
                break;
        }
    }

    private byte[] Unpacked(MappedRun run, long offset)
    {
        long block = offset / PackedSize;
        _unpacked ??= new LruCache(Math.Max(2, UnpackedBytes / PackedSize));
        if (!_unpacked.TryGet(block, out byte[]? bytes))
        {
            bytes = new byte[PackedSize];
            Unpack(run, block * PackedSize, bytes);
            _unpacked.Add(block, bytes);
        }

        return bytes;
    }
}
