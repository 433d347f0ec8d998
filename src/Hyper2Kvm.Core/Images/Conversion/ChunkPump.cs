namespace Hyper2Kvm.Images.Conversion;

/// <summary>Hands chunks to workers on all cores, and keeps the caller's thread free to say how far they are.</summary>
internal sealed class ChunkPump : IDisposable
{
    private const int TickMilliseconds = 100;

    private readonly object _gate = new();
    private readonly Queue<Chunk> _waiting = new();
    private readonly Turnstile _turnstile = new();
    private readonly int _capacity;
    private readonly Task[] _workers;
    private readonly Action<long> _tick;
    private readonly CancellationToken _token;
    private long _nextTicket;
    private long _doneBytes;
    private int _busy;
    private bool _closed;
    private bool _failed;

    /// <param name="workers">Number of threads.</param>
    /// <param name="newSink">Makes the sink of one of them.</param>
    /// <param name="tick">Called on the caller's thread while it waits, with the number of held bytes that are done.</param>
    /// <param name="token">Ends the waiting.</param>
    public ChunkPump(int workers, Func<IChunkSink> newSink, Action<long> tick, CancellationToken token)
    {
        _capacity = workers * 2;
        _tick = tick;
        _token = token;
        _workers = new Task[workers];
        for (int i = 0; i < workers; i++)
        {
            IChunkSink sink = newSink();
            _workers[i] = Task.Factory.StartNew(() => Work(sink), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>As many as there are cores, and one that reads or writes while they compute; few enough for the memory that they take.</summary>
    public static int DefaultWorkers => Math.Clamp(Environment.ProcessorCount + 1, 3, 16);

    /// <summary>Hands in a chunk, after waiting for room.</summary>
    public void Add(Chunk chunk)
    {
        lock (_gate)
        {
            if (WaitUntil(() => _waiting.Count < _capacity))
            {
                _waiting.Enqueue(chunk);
                Monitor.PulseAll(_gate);
                return;
            }
        }

        Rethrow();
    }

    /// <summary>Waits until all that was handed in is done.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            if (WaitUntil(() => _waiting.Count == 0 && _busy == 0))
            {
                return;
            }
        }

        Rethrow();
    }

    /// <summary>Ends the workers, after at most one chunk each.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }

        _turnstile.Close();
        ((IAsyncResult)Task.WhenAll(_workers)).AsyncWaitHandle.WaitOne();
    }

    /// <returns>False when a worker failed.</returns>
    private bool WaitUntil(Func<bool> isSo)
    {
        while (!_failed)
        {
            _token.ThrowIfCancellationRequested();
            _tick(_doneBytes);
            if (isSo())
            {
                return true;
            }

            Monitor.Wait(_gate, TickMilliseconds);
        }

        return false;
    }

    /// <summary>What a worker threw, on the caller's thread.</summary>
    private void Rethrow()
    {
        foreach (Task worker in _workers)
        {
            worker.GetAwaiter().GetResult();
        }
    }

    private void Work(IChunkSink sink)
    {
        bool isDone = false;
        try
        {
            while (Next(out long ticket) is { } chunk)
            {
                sink.Take(chunk, ticket, _turnstile);
                lock (_gate)
                {
                    _busy--;
                    _doneBytes += chunk.Held;
                    Monitor.PulseAll(_gate);
                }
            }

            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                Fail();
            }
        }
    }

    private Chunk? Next(out long ticket)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }

            ticket = _nextTicket;
            if (_closed)
            {
                return null;
            }

            _nextTicket++;
            _busy++;
            Monitor.PulseAll(_gate);
            return _waiting.Dequeue();
        }
    }

    private void Fail()
    {
        lock (_gate)
        {
            _failed = true;
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _turnstile.Close();
    }
}
