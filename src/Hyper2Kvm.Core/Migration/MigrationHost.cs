using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration;

/// <summary>What the machines that are migrated at the same time share: the host's memory, and the names of files.</summary>
/// <param name="memoryBytes">Memory that all together may take.</param>
public sealed class MigrationHost(long memoryBytes)
{
    private const long MiB = 1024 * 1024;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly object _lock = new();
    private readonly Dictionary<string, string> _owners = new(StringComparer.OrdinalIgnoreCase);
    private long _used;

    /// <summary>Bytes that are taken now.</summary>
    internal long Used => Interlocked.Read(ref _used);

    /// <summary>Waits until there is room. Nobody may wait while holding some, or two would wait for each other for ever.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="subject">The machine, for errors.</param>
    /// <param name="token">Ends the wait.</param>
    /// <returns>Gives it back.</returns>
    /// <exception cref="GuestStateException"><c>MigrationMemoryTooSmall</c>: it is more than all together may take.</exception>
    internal IDisposable TakeMemory(long bytes, string subject, CancellationToken token)
    {
        if (bytes > memoryBytes)
        {
            throw new GuestStateException(
                "MigrationMemoryTooSmall", subject,
                string.Create(CultureInfo.InvariantCulture, $"'{subject}' needs {bytes / MiB} MiB of memory for this, and {memoryBytes / MiB} MiB are allowed."),
                "Allow more with -MemoryLimit, give the guest less with -MemoryMiB, or leave the boot test out.");
        }

        lock (_lock)
        {
            while (_used + bytes > memoryBytes)
            {
                Monitor.Wait(_lock, s_look);
                token.ThrowIfCancellationRequested();
            }

            _used += bytes;
        }

        return new Taken(this, bytes);
    }

    /// <summary>Keeps two machines of one run from writing the same files.</summary>
    /// <exception cref="GuestStateException"><c>MigrationNameTaken</c>.</exception>
    /// <param name="path">Full path of a file that stands for the names of all of a kind.</param>
    /// <param name="source">Whose it is, for people.</param>
    internal void Claim(string path, string source)
    {
        lock (_lock)
        {
            if (!_owners.TryAdd(path, source))
            {
                throw new GuestStateException(
                    "MigrationNameTaken", source, $"The results of '{source}' would have the names of those of '{_owners[path]}'.",
                    "Give each its own -OutputDirectory; a machine that was named twice need not be named twice.");
            }
        }
    }

    private sealed class Taken(MigrationHost host, long bytes) : IDisposable
    {
        public void Dispose()
        {
            lock (host._lock)
            {
                host._used -= bytes;
                Monitor.PulseAll(host._lock);
            }
        }
    }
}
