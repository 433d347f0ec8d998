namespace Hyper2Kvm.Images.Conversion;

/// <summary>Lets workers through one by one in the order of their tickets, so that the same disk always gives the same file.</summary>
internal sealed class Turnstile
{
    private readonly object _gate = new();
    private long _next;
    private bool _closed;

    /// <summary>Waits until all tickets before this one have left.</summary>
    /// <returns>False when the work was given up.</returns>
    public bool Enter(long ticket)
    {
        lock (_gate)
        {
            while (_next != ticket && !_closed)
            {
                Monitor.Wait(_gate);
            }

            return !_closed;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _next++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives the work up: nobody waits any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
