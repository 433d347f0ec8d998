using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images.Qcow2;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Copies a disk, through all its layers, into a file of another format: only what is allocated is read, on all cores, in bounded
/// memory. The file can be gone on with from any state that was kept.</summary>
internal sealed class ImageConverter
{
    private readonly DiskImage _source;
    private readonly IEnumerable<BlockRange> _leftOut;
    private readonly ConversionSettings _settings;
    private readonly SafeFileHandle _file;
    private readonly FileTarget _target;
    private readonly Qcow2Layout? _layout;
    private long _position;
    private long _done;

    /// <param name="source">The disk.</param>
    /// <param name="leftOut">What of it is not copied and is zero in the file; in order, disjoint. Asked for twice.</param>
    /// <param name="settings">What to make of it.</param>
    /// <param name="file">Open for writing; empty, or as it was when the state was kept.</param>
    public ImageConverter(DiskImage source, IEnumerable<BlockRange> leftOut, ConversionSettings settings, SafeFileHandle file)
    {
        _source = source;
        _leftOut = leftOut;
        _settings = settings;
        _file = file;
        _target = new FileTarget(file);
        _layout = settings.Format == ImageFormat.Qcow2 ? new Qcow2Layout(_target, settings.ClusterBits, source.Length) : null;
    }

    /// <summary>Bytes of the disk that were read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes that were written to the file.</summary>
    public long BytesWritten => _target.BytesWritten;

    /// <summary>Takes up a state that was kept, before <see cref="Run"/>.</summary>
    /// <exception cref="EndOfStreamException">The state is cut short.</exception>
    /// <exception cref="InvalidDataException">It is not one of such a file.</exception>
    public void Resume(BinaryReader state)
    {
        _position = state.ReadInt64();
        _done = state.ReadInt64();
        long end = state.ReadInt64();
        _layout?.Load(state);
        if (_position <= 0 || _position > _source.Length || _done < 0 || RandomAccess.GetLength(_file) < end)
        {
            throw new InvalidDataException("The state is not one of this disk.");
        }

        // Whatever was written later may be there in part.
        RandomAccess.SetLength(_file, end);
    }

    /// <summary>Writes the file to its end; it is neither flushed nor closed then.</summary>
    /// <param name="keep">Is given a state from time to time, when all that was written so far belongs to it.</param>
    /// <param name="progress">Told how many bytes of how many are done, on the caller's thread.</param>
    /// <param name="token">Stops after at most one chunk per core.</param>
    public void Run(Action<Action<BinaryWriter>> keep, Action<long, long> progress, CancellationToken token)
    {
        if (TryClone())
        {
            return;
        }

        long total = ChunkPlanner.CountHeld(_source, _leftOut, token);
        if (_layout is null)
        {
            HostFile.MakeSparse(_file);
            RandomAccess.SetLength(_file, _source.Length);
        }

        List<IChunkSink> sinks = [];
        try
        {
            Copy(sinks, keep, done => progress(done, total), token);
        }
        finally
        {
            sinks.ForEach(sink => (sink as IDisposable)?.Dispose());
        }

        if (_layout is not null)
        {
            byte[] header = new byte[_settings.ClusterSize];
            Qcow2NewHeader.Fill(header, _settings.ClusterBits, _settings.Compression == ImageCompression.Zstd);
            _layout.Finish(header);
        }
    }

    /// <summary>A raw disk that stays one shares its blocks with the copy where the host's file system can do that: nothing is read.</summary>
    private bool TryClone() => _layout is null && _position == 0 && _source.WholeFile is { } whole && !_leftOut.Any() && HostFile.TryClone(whole, _file);

    private void Copy(List<IChunkSink> sinks, Action<Action<BinaryWriter>> keep, Action<long> progress, CancellationToken token)
    {
        long before = _done;
        long kept = _done;
        using ChunkPlanner planner = new(_source, _leftOut, _settings.ChunkSize, _position);
        using ChunkPump pump = new(ChunkPump.DefaultWorkers, NewSink, done => progress(before + done), token);
        while (planner.Next() is { } chunk)
        {
            pump.Add(chunk);
            BytesRead += chunk.Held;
            _done += chunk.Held;
            _position = chunk.Offset + chunk.Length;
            if (_done - kept >= _settings.KeepEvery)
            {
                pump.Drain();
                keep(Save);
                kept = _done;
            }
        }

        pump.Drain();

        IChunkSink NewSink()
        {
            sinks.Add(_layout is null
                ? new RawSink(_target, _settings.ChunkSize)
                : new Qcow2Sink(_layout, _target, NewPacker(), _settings.ClusterSize, _settings.ChunkSize));
            return sinks[^1];
        }
    }

    private IClusterPacker? NewPacker() => _settings.Compression switch
    {
        ImageCompression.Zlib => new DeflatePacker(),
        ImageCompression.Zstd => new ZstdPacker(),
        _ => null,
    };

    private void Save(BinaryWriter state)
    {
        state.Write(_position);
        state.Write(_done);
        state.Write(_layout?.End ?? _source.Length);
        _layout?.Save(state);
    }
}
